//! The command line: the same jobs as the window's, as tables, JSON and CSV, with exit codes.
