//! The window: which page is open, where commands go, what is remembered.
