//! Passwords that never print themselves, and are wiped when dropped.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A password. `Debug` shows only that there is one; it has no `Display` and no serialised form.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes ownership of `text`, which is wiped when the secret is dropped.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password itself, for the one call that sends or stores it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// For the text field it is typed into.
    pub fn expose_mut(&mut self) -> &mut String {
        &mut self.0
    }

    /// Nothing was typed. A bind with an empty password would be anonymous (RFC 4513, 5.1.2), so none is ever sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Secret(empty)" } else { "Secret(••••)" })
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?}", Secret::new("swordfish")), "Secret(••••)");
        assert_eq!(format!("{:?}", Secret::default()), "Secret(empty)");
    }
}
