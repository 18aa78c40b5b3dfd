//! Looks without meaning, for files that draw: tokens, theme, widgets. Knows no domain.
