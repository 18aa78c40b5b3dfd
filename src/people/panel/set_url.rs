//! The set-photo-URL dialog, drawn.
