//! Sites: their files, their passwords, the connection check in steps, and the wizard.
