//! How the words of an expression make a condition or a text (`util_expr_parse.y` of 2.4), with the server's messages.
//!
//! Not here: the words ([`super::scan`]) and what a condition means ([`super::eval`]).

use bstr::{BString, ByteSlice};

use super::{
    Options,
    names::{self, ListFunction},
    scan::{Comparison, Scanner, Token},
    tree::{Condition, Word},
};
use crate::access::{address::Network, level::Level, regex::Regex};

/// How deep parentheses and calls may be nested. The server has a limit too, further away.
const DEEPEST: usize = 200;

/// Why there is no tree. The message is made of this and of the last complaint, as the server does it.
#[derive(Debug)]
enum Stop {
    /// `yyerror` or an action said this.
    Said(String),
    /// Given up without a word: the scanner's complaint has to do.
    Silent,
}

type Parsed<T> = Result<T, Stop>;

pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    next: Option<Token>,
    options: Options,
    level: Level,
    depth: usize,
    /// Whether `%{REMOTE_USER}` occurs.
    pub wants_user: bool,
    /// Whether `$0` to `$9` occur.
    pub refers_back: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t [u8], string: bool, options: Options, level: Level) -> Self {
        // The server's text ends at a zero byte.
        let end = text.find_byte(0).unwrap_or(text.len());
        let scanner = Scanner::new(text.get(..end).unwrap_or_default(), string);
        Self { scanner, next: None, options, level, depth: 0, wants_user: false, refers_back: false }
    }

    /// The whole text as a condition.
    pub(super) fn whole_condition(&mut self) -> Result<Condition, String> {
        let parsed = self.condition().and_then(|condition| self.end().map(|()| condition));
        self.finished(parsed)
    }

    /// The whole text as a string.
    pub(super) fn whole_string(&mut self) -> Result<Word, String> {
        let parsed = self.string(true).and_then(|word| self.end().map(|()| word));
        self.finished(parsed)
    }

    fn finished<T>(&mut self, parsed: Parsed<T>) -> Result<T, String> {
        let complaint = self.scanner.complaint.take();
        match (parsed, complaint) {
            (Ok(tree), None) => Ok(tree),
            (Err(Stop::Said(said)), Some(complaint)) => Err(format!("{said}: {complaint}")),
            (Err(Stop::Said(said)), None) => Err(said),
            (_, Some(complaint)) => Err(complaint),
            (Err(Stop::Silent), None) => Err("syntax error".to_owned()),
        }
    }

    fn peek(&mut self) -> &Token {
        let scanner = &mut self.scanner;
        self.next.get_or_insert_with(|| scanner.next())
    }

    fn take(&mut self) -> Token {
        self.next.take().unwrap_or_else(|| self.scanner.next())
    }

    /// The next word is none of those that could stand here.
    fn unexpected(&mut self, expecting: &[&str]) -> Stop {
        let mut said = format!("syntax error, unexpected {}", self.peek().name());
        for (n, name) in expecting.iter().enumerate() {
            said.push_str(if n == 0 { ", expecting " } else { " or " });
            said.push_str(name);
        }
        Stop::Said(said)
    }

    fn end(&mut self) -> Parsed<()> {
        if *self.peek() == Token::End { Ok(()) } else { Err(self.unexpected(&["$end"])) }
    }

    fn mark(&mut self, mark: u8, expecting: &[&str]) -> Parsed<()> {
        if *self.peek() != Token::Mark(mark) {
            return Err(self.unexpected(expecting));
        }
        self.take();
        Ok(())
    }

    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST {
            return Err(Stop::Said("memory exhausted".to_owned()));
        }
        self.depth += 1;
        let parsed = inside(self);
        self.depth -= 1;
        parsed
    }

    fn condition(&mut self) -> Parsed<Condition> {
        let mut any = vec![self.conjunction()?];
        while *self.peek() == Token::Or {
            self.take();
            any.push(self.conjunction()?);
        }
        Ok(joined(any, Condition::Or, |c| if let Condition::Or(parts) = c { Ok(parts) } else { Err(c) }))
    }

    fn conjunction(&mut self) -> Parsed<Condition> {
        let mut all = vec![self.negation()?];
        while *self.peek() == Token::And {
            self.take();
            all.push(self.negation()?);
        }
        Ok(joined(all, Condition::And, |c| if let Condition::And(parts) = c { Ok(parts) } else { Err(c) }))
    }

    fn negation(&mut self) -> Parsed<Condition> {
        let mut not = false;
        while *self.peek() == Token::Not {
            self.take();
            not = !not;
        }
        let condition = self.plain_condition()?;
        Ok(if not { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn plain_condition(&mut self) -> Parsed<Condition> {
        match self.peek() {
            Token::True => {
                self.take();
                Ok(Condition::Constant(true))
            }
            Token::False => {
                self.take();
                Ok(Condition::Constant(false))
            }
            Token::Error => Err(Stop::Silent),
            Token::Mark(b'(') => {
                self.take();
                let condition = self.deeper(Self::condition)?;
                self.mark(b')', &["T_OP_OR", "T_OP_AND", "')'"])?;
                Ok(condition)
            }
            Token::Unary(_) => {
                let Token::Unary(name) = self.take() else { return Err(Stop::Silent) };
                let operand = self.word()?;
                Ok(self.unary(&name, operand))
            }
            _ => self.comparison(),
        }
    }

    fn comparison(&mut self) -> Parsed<Condition> {
        let left = self.word()?;
        match self.peek() {
            Token::Compare(_) => {
                let Token::Compare(how) = self.take() else { return Err(Stop::Silent) };
                Ok(compare(how, left, self.word()?))
            }
            Token::Binary(_) => {
                let Token::Binary(name) = self.take() else { return Err(Stop::Silent) };
                let right = self.word()?;
                Ok(self.binary(&name, left, right))
            }
            Token::Match | Token::NoMatch => {
                let negated = self.take() == Token::NoMatch;
                let pattern = self.pattern()?;
                Ok(Condition::Match { word: left, pattern: Box::new(pattern), negated })
            }
            Token::In => {
                self.take();
                self.list(left)
            }
            _ => Err(self.unexpected(&[])),
        }
    }

    fn pattern(&mut self) -> Parsed<Regex> {
        if !matches!(self.peek(), Token::Regex(..)) {
            return Err(self.unexpected(&["T_REGEX", "T_REGEX_I"]));
        }
        let Token::Regex(pattern, no_case) = self.take() else { return Err(Stop::Silent) };
        let mut options = self.options.regex;
        options.no_case |= no_case;
        Regex::new(&pattern, options, self.level)
            .map_err(|_why| Stop::Said("Failed to compile regular expression".to_owned()))
    }

    /// What follows `in`.
    fn list(&mut self, needle: Word) -> Parsed<Condition> {
        match self.peek() {
            Token::Mark(b'{') => {
                self.take();
                let mut words = vec![self.word()?];
                while *self.peek() == Token::Mark(b',') {
                    self.take();
                    words.push(self.word()?);
                }
                self.mark(b'}', &["'}'", "','"])?;
                Ok(Condition::In { needle, words })
            }
            Token::Id(_) => {
                let Token::Id(name) = self.take() else { return Err(Stop::Silent) };
                let argument = self.argument()?;
                let function = ListFunction::named(&name, self.level);
                if function.is_none() {
                    self.complain(format!("List-returning function '{name}' does not exist"));
                }
                Ok(function
                    .map_or(Condition::Constant(false), |_peer| Condition::InPeerExtensions { needle, argument }))
            }
            _ => Err(self.unexpected(&["T_ID", "'{'"])),
        }
    }

    fn argument(&mut self) -> Parsed<Word> {
        self.mark(b'(', &["'('"])?;
        let word = self.deeper(Self::word)?;
        self.mark(b')', &["T_OP_CONCAT", "')'"])?;
        Ok(word)
    }

    /// One or more words with dots between.
    fn word(&mut self) -> Parsed<Word> {
        let mut words = vec![self.single_word()?];
        while *self.peek() == Token::Concat {
            self.take();
            words.push(self.single_word()?);
        }
        Ok(Word::joined(words))
    }

    fn single_word(&mut self) -> Parsed<Word> {
        match self.peek() {
            Token::Digit(_) => {
                let Token::Digit(digits) = self.take() else { return Err(Stop::Silent) };
                Ok(Word::Digits(digits))
            }
            Token::Id(_) => {
                let Token::Id(name) = self.take() else { return Err(Stop::Silent) };
                let argument = self.argument()?;
                Ok(self.call(&name, argument))
            }
            Token::StringBegin => {
                self.take();
                match self.peek() {
                    Token::StringEnd => {
                        self.take();
                        return Ok(Word::Text(BString::default()));
                    }
                    Token::Error => return Err(Stop::Silent),
                    _ => {}
                }
                let word = self.string(false)?;
                if *self.peek() != Token::StringEnd {
                    return Err(self.unexpected(&["T_STRING", "T_REGEX_BACKREF", "T_STR_END", "T_VAR_BEGIN"]));
                }
                self.take();
                Ok(word)
            }
            Token::VariableBegin | Token::BackReference(_) => self.string_part(),
            _ => Err(self.unexpected(&[])),
        }
    }

    /// Parts of a string; at least one.
    fn string(&mut self, whole: bool) -> Parsed<Word> {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                Token::Text(_) | Token::VariableBegin | Token::BackReference(_) => parts.push(self.string_part()?),
                Token::Error if parts.is_empty() => return Err(Stop::Silent),
                _ if parts.is_empty() => {
                    let all = ["T_ERROR", "T_STRING", "T_REGEX_BACKREF", "T_VAR_BEGIN"];
                    return Err(self.unexpected(&all));
                }
                _ => break,
            }
        }
        // At the end of a text that is a string the scanner gives what it has, if only nothing.
        if whole && parts.len() > 1 && matches!(parts.last(), Some(Word::Text(text)) if text.is_empty()) {
            parts.pop();
        }
        Ok(Word::joined(parts))
    }

    fn string_part(&mut self) -> Parsed<Word> {
        match self.take() {
            Token::Text(text) => Ok(Word::Text(text)),
            Token::BackReference(n) => {
                self.refers_back = true;
                Ok(Word::BackReference(n))
            }
            _ => self.deeper(Self::variable),
        }
    }

    /// What follows `%{`.
    fn variable(&mut self) -> Parsed<Word> {
        if !matches!(self.peek(), Token::Id(_)) {
            return Err(self.unexpected(&["T_ID"]));
        }
        let Token::Id(name) = self.take() else { return Err(Stop::Silent) };
        match self.peek() {
            Token::VariableEnd => {
                self.take();
                Ok(self.named_variable(&name))
            }
            Token::Mark(b':') => {
                self.take();
                let argument = self.string(false)?;
                if *self.peek() != Token::VariableEnd {
                    return Err(self.unexpected(&["T_STRING", "T_REGEX_BACKREF", "T_VAR_BEGIN", "T_VAR_END"]));
                }
                self.take();
                Ok(self.call(&name, argument))
            }
            _ => Err(self.unexpected(&["T_VAR_END", "':'"])),
        }
    }

    /// Remembers what is wrong with a name and goes on, as the server does; the last complaint counts.
    fn complain(&mut self, complaint: String) {
        self.scanner.complaint = Some(complaint);
    }

    fn named_variable(&mut self, name: &BString) -> Word {
        self.wants_user |= name.eq_ignore_ascii_case(b"REMOTE_USER");
        names::variable(name, self.level).map_or_else(
            || {
                self.complain(format!("Variable '{name}' does not exist"));
                Word::Text(BString::default())
            },
            Word::Variable,
        )
    }

    fn call(&mut self, name: &BString, argument: Word) -> Word {
        let Some(function) = names::function(name, self.level) else {
            self.complain(format!("Function '{name}' does not exist"));
            return Word::Text(BString::default());
        };
        if function.reads_files() && (self.options.restricted || self.no_files()) {
            self.complain(format!("{} not available in restricted context", function.name()));
        }
        Word::Call(function, Box::new(argument))
    }

    /// 2.4.71 does not let `.htaccess` files read files.
    fn no_files(&self) -> bool {
        self.options.htaccess && self.level >= Level::V2_4_71
    }

    fn unary(&mut self, name: &BString, operand: Word) -> Condition {
        if name == "R" {
            return self.network("R", &operand).map_or(Condition::Constant(false), Condition::Client);
        }
        let Some(test) = names::test(name) else {
            self.complain(format!("Unary operator '-{name}' does not exist"));
            return Condition::Constant(false);
        };
        if test.looks_at_files() && self.options.restricted {
            self.complain(format!("-{name} not available in restricted context"));
        }
        Condition::Test(test, operand)
    }

    fn binary(&mut self, name: &BString, left: Word, right: Word) -> Condition {
        if name.eq_ignore_ascii_case(b"ipmatch") {
            let network = self.network(&name.to_string(), &right);
            return network.map_or(Condition::Constant(false), |n| Condition::IpMatch(left, n));
        }
        let Some(how) = names::wildcard(name) else {
            self.complain(format!("Binary operator '-{name}' does not exist"));
            return Condition::Constant(false);
        };
        Condition::Wildcard { how, text: left, pattern: right }
    }

    /// The operand of `-R` and `-ipmatch`, which has to be written out.
    fn network(&mut self, operator: &str, operand: &Word) -> Option<Network> {
        let Word::Text(text) = operand else {
            self.complain(format!("-{operator} requires subnet/netmask as constant argument"));
            return None;
        };
        let network = Network::of(text);
        if network.is_err() {
            self.complain("parsing of subnet/netmask failed".to_owned());
        }
        network.ok()
    }
}

fn compare(how: Comparison, left: Word, right: Word) -> Condition {
    Condition::Compare { how, left, right }
}

/// Several conditions under one operator, which binds to the right: what stands last may be such a chain itself.
fn joined(
    mut parts: Vec<Condition>,
    make: fn(Vec<Condition>) -> Condition,
    chain: fn(Condition) -> Result<Vec<Condition>, Condition>,
) -> Condition {
    let Some(last) = parts.pop() else { return Condition::Constant(false) };
    if parts.is_empty() {
        return last;
    }
    match chain(last) {
        Ok(more) => parts.extend(more),
        Err(last) => parts.push(last),
    }
    make(parts)
}
