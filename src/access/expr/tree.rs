//! What an expression is once it is read.

use bstr::BString;

use super::{
    names::{Function, Test, Variable, Wildcard},
    scan::Comparison,
};
use crate::access::{address::Network, regex::Regex};

/// Something that holds or not.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Constant(bool),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Compare {
        how: Comparison,
        left: Word,
        right: Word,
    },
    Match {
        word: Word,
        pattern: Box<Regex>,
        negated: bool,
    },
    In {
        needle: Word,
        words: Vec<Word>,
    },
    /// `in PeerExtList(…)` of `mod_ssl`.
    InPeerExtensions {
        needle: Word,
        argument: Word,
    },
    /// `-R`.
    Client(Network),
    IpMatch(Word, Network),
    Test(Test, Word),
    Wildcard {
        how: Wildcard,
        text: Word,
        pattern: Word,
    },
}

/// Something that stands for a text.
#[derive(Clone, Debug)]
pub(super) enum Word {
    Text(BString),
    Digits(BString),
    Variable(Variable),
    BackReference(u8),
    Joined(Vec<Word>),
    Call(Function, Box<Word>),
}

impl Word {
    /// One word of several.
    pub(super) fn joined(mut words: Vec<Self>) -> Self {
        match words.pop() {
            Some(only) if words.is_empty() => only,
            Some(last) => {
                words.push(last);
                Self::Joined(words)
            }
            None => Self::Text(BString::default()),
        }
    }
}
