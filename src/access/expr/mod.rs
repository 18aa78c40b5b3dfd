//! The expression language of 2.4 (`ap_expr`): `<If>`, `Require expr`, `RewriteCond expr`, `SetEnvIfExpr`, header conditions,
//! and texts with variables in them (`ErrorDocument`, `Redirect`, `Require host`).
//!
//! Not here: the variables of `mod_rewrite`, which are its own ([`crate::access::rewrite`]).

use std::borrow::Cow;

use bstr::{BStr, BString, ByteSlice};

use super::{
    level::Level,
    record::Record,
    regex::{self, CAPTURES},
    run::Run,
    unknown::Unknown,
};

mod eval;
mod function;
mod names;
mod parse;
mod scan;
mod tree;
mod variable;

#[cfg(test)]
mod tests;

/// How an expression is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// No file may be looked at (`AP_EXPR_FLAG_RESTRICTED`; server-side includes).
    pub restricted: bool,
    /// It stands in a `.htaccess` file, where 2.4.71 does not let it read files.
    pub htaccess: bool,
    /// What `RegexDefaultOptions` said.
    pub regex: regex::Options,
}

/// An expression that was read: a condition, or a text.
#[derive(Clone, Debug)]
pub struct Expr {
    root: Root,
    wants_user: bool,
    refers_back: bool,
}

#[derive(Clone, Debug)]
enum Root {
    Condition(tree::Condition),
    Text(tree::Word),
}

/// What the last pattern with groups that was found had in them: `$0` to `$9` of the expression and of whoever uses it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// The text that was matched; nothing when the last such pattern was not found.
    subject: BString,
    spans: Option<regex::Captures>,
    /// Nobody reads them: patterns need not look for their groups.
    unread: bool,
}

impl Captures {
    /// Where the groups are in [`Self::subject`]; none when the last pattern was not found.
    pub fn groups(&self) -> Option<regex::Captures> {
        self.spans
    }

    /// `$n`; empty when there is no such group.
    pub fn get(&self, n: usize) -> &BStr {
        self.spans.as_ref().and_then(|spans| spans.get(n, &self.subject)).unwrap_or_default().as_bstr()
    }

    /// Whether there are any.
    pub fn is_set(&self) -> bool {
        self.spans.is_some()
    }

    /// Start and end of group `n` in [`Self::subject`].
    pub fn span(&self, n: usize) -> Option<(usize, usize)> {
        self.spans.as_ref()?.span(n)
    }

    /// All spans, for a trace.
    pub fn spans(&self) -> Vec<Option<(usize, usize)>> {
        let all = self.spans.as_ref().map(|spans| (0..CAPTURES).map(|n| spans.span(n)).collect::<Vec<_>>());
        let mut all = all.unwrap_or_default();
        while all.last() == Some(&None) {
            all.pop();
        }
        all
    }

    /// The text that they are in.
    pub fn subject(&self) -> &BStr {
        self.subject.as_bstr()
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.spans = None;
    }

    fn set(&mut self, subject: &[u8], spans: regex::Captures) {
        self.subject.clear();
        self.subject.extend_from_slice(subject);
        self.spans = Some(spans);
    }
}

impl Expr {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it, in the server's words but without what the directive puts before them.
    pub fn parse(text: &[u8], options: Options, level: Level) -> Result<Self, String> {
        let mut parser = parse::Parser::new(text, false, options, level);
        let root = Root::Condition(parser.whole_condition()?);
        Ok(Self { root, wants_user: parser.wants_user, refers_back: parser.refers_back })
    }

    /// Reads a text with variables in it, `%{REMOTE_ADDR} says no`.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_string(text: &[u8], options: Options, level: Level) -> Result<Self, String> {
        let mut parser = parse::Parser::new(text, true, options, level);
        let root = Root::Text(parser.whole_string()?);
        Ok(Self { root, wants_user: parser.wants_user, refers_back: parser.refers_back })
    }

    /// The text, when it is one without variables.
    pub fn constant(&self) -> Option<&BStr> {
        match &self.root {
            Root::Text(tree::Word::Text(text)) => Some(text.as_bstr()),
            _ => None,
        }
    }

    /// Whether `%{REMOTE_USER}` occurs, which lets `Require expr` ask for a password.
    pub fn wants_user(&self) -> bool {
        self.wants_user
    }

    /// Whether the condition holds. One that cannot be evaluated on the server (too deeply nested, a file that is not
    /// there) does not.
    ///
    /// # Errors
    /// When it depends on what is not given.
    pub fn holds(&self, run: &mut Run<'_>, record: &Record, captures: &mut Captures) -> Result<bool, Unknown> {
        Ok(self.evaluate(run, record, captures)? == Some(true))
    }

    /// Whether the condition holds; none when the server cannot evaluate it and says so in its log.
    ///
    /// # Errors
    /// When it depends on what is not given.
    pub fn evaluate(
        &self,
        run: &mut Run<'_>,
        record: &Record,
        captures: &mut Captures,
    ) -> Result<Option<bool>, Unknown> {
        match &self.root {
            Root::Condition(condition) => eval::condition(condition, run, record, captures),
            Root::Text(_) => Ok(None),
        }
    }

    /// Whether the condition holds, for somebody who has no use for its captures; none as in [`Self::evaluate`].
    ///
    /// # Errors
    /// When it depends on what is not given.
    pub fn evaluate_alone(&self, run: &mut Run<'_>, record: &Record) -> Result<Option<bool>, Unknown> {
        let mut captures = Captures { unread: !self.refers_back, ..Captures::default() };
        self.evaluate(run, record, &mut captures)
    }

    /// The text, its variables replaced.
    ///
    /// # Errors
    /// When it depends on what is not given, or the server cannot evaluate it.
    pub fn text(&self, run: &Run<'_>, record: &Record, captures: &Captures) -> Result<BString, Unknown> {
        match &self.root {
            Root::Text(word) => eval::text(word, run, record, captures).map(Cow::into_owned).map(BString::from),
            Root::Condition(_) => Ok(BString::default()),
        }
    }
}
