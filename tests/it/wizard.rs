//! The welcome page, the wizard, the sign-in dialog and the switcher, by name and by picture.
