//! The Activity page and the undo dialog, drawn.
