//! The words of an expression: what the server's scanner (`util_expr_scan.l` of 2.4) makes of the text.
//!
//! Not here: how words make a condition ([`super::parse`]).

use bstr::BString;

/// Longest text between quotes, or of a pattern (`MAX_STRING_LEN`).
const LONGEST: usize = 8192;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    True,
    False,
    /// Text that is no word; what is wrong with it is in [`Scanner::complaint`].
    Error,
    Digit(BString),
    Id(BString),
    Text(BString),
    /// A pattern, and whether it is to be read without regard to case.
    Regex(BString, bool),
    BackReference(u8),
    /// `-n`.
    Unary(BString),
    /// `-ipmatch`.
    Binary(BString),
    StringBegin,
    StringEnd,
    VariableBegin,
    VariableEnd,
    /// `==`, `-eq` and the like.
    Compare(Comparison),
    Match,
    NoMatch,
    In,
    Concat,
    Or,
    And,
    Not,
    /// One of `(){},:`.
    Mark(u8),
}

/// How two words are compared: as whole numbers or as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    IntEq,
    IntNe,
    IntLt,
    IntLe,
    IntGt,
    IntGe,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Token {
    /// Its name in the server's messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::End => "$end",
            Self::True => "T_TRUE",
            Self::False => "T_FALSE",
            Self::Error => "T_ERROR",
            Self::Digit(_) => "T_DIGIT",
            Self::Id(_) => "T_ID",
            Self::Text(_) => "T_STRING",
            Self::Regex(_, false) => "T_REGEX",
            Self::Regex(_, true) => "T_REGEX_I",
            Self::BackReference(_) => "T_REGEX_BACKREF",
            Self::Unary(_) => "T_OP_UNARY",
            Self::Binary(_) => "T_OP_BINARY",
            Self::StringBegin => "T_STR_BEGIN",
            Self::StringEnd => "T_STR_END",
            Self::VariableBegin => "T_VAR_BEGIN",
            Self::VariableEnd => "T_VAR_END",
            Self::Compare(comparison) => comparison.name(),
            Self::Match => "T_OP_REG",
            Self::NoMatch => "T_OP_NRE",
            Self::In => "T_OP_IN",
            Self::Concat => "T_OP_CONCAT",
            Self::Or => "T_OP_OR",
            Self::And => "T_OP_AND",
            Self::Not => "T_OP_NOT",
            Self::Mark(b'(') => "'('",
            Self::Mark(b')') => "')'",
            Self::Mark(b'{') => "'{'",
            Self::Mark(b'}') => "'}'",
            Self::Mark(b',') => "','",
            Self::Mark(_) => "':'",
        }
    }
}

impl Comparison {
    fn name(self) -> &'static str {
        match self {
            Self::IntEq => "T_OP_EQ",
            Self::IntNe => "T_OP_NE",
            Self::IntLt => "T_OP_LT",
            Self::IntLe => "T_OP_LE",
            Self::IntGt => "T_OP_GT",
            Self::IntGe => "T_OP_GE",
            Self::Eq => "T_OP_STR_EQ",
            Self::Ne => "T_OP_STR_NE",
            Self::Lt => "T_OP_STR_LT",
            Self::Le => "T_OP_STR_LE",
            Self::Gt => "T_OP_STR_GT",
            Self::Ge => "T_OP_STR_GE",
        }
    }
}

/// Where the scanner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Plain,
    Text(Within),
    Variable,
}

/// What a text is within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Nothing: all is text.
    Nothing,
    /// These quotes.
    Quotes(u8),
    /// `%{name:…}`.
    Argument,
}

/// Reads one text word by word.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    rest: &'t [u8],
    state: State,
    outer: Vec<State>,
    /// What is wrong with the last [`Token::Error`].
    pub complaint: Option<String>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8], string: bool) -> Self {
        let state = if string { State::Text(Within::Nothing) } else { State::Plain };
        Self { rest: text, state, outer: Vec::new(), complaint: None }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Token {
        match self.state {
            State::Plain => self.plain(),
            State::Text(within) => self.text(within),
            State::Variable => self.variable(),
        }
    }

    fn error(&mut self, complaint: impl Into<String>) -> Token {
        self.complaint = Some(complaint.into());
        Token::Error
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn push(&mut self, state: State) {
        self.outer.push(std::mem::replace(&mut self.state, state));
    }

    fn pop(&mut self) {
        self.state = self.outer.pop().unwrap_or(State::Plain);
    }

    /// Text up to whatever is none.
    fn text(&mut self, within: Within) -> Token {
        let mut text = BString::default();
        loop {
            let Some(&byte) = self.rest.first() else {
                if within != Within::Nothing {
                    return self.error("Unterminated string or variable");
                }
                self.state = State::Plain;
                return Token::Text(text);
            };
            if byte == b'\n' {
                self.skip(1);
                return self.error("Unterminated string or variable");
            }
            if let Some(special) = self.special(byte, within) {
                if text.is_empty() {
                    return self.take(special);
                }
                return Token::Text(text);
            }
            match self.character(byte, within) {
                Ok(byte) => text.push(byte),
                Err(complaint) => return self.error(complaint),
            }
            if text.len() > LONGEST {
                return self.error("String too long");
            }
        }
    }

    /// What begins here, when it is not a character of the text.
    fn special(&self, byte: u8, within: Within) -> Option<Token> {
        match byte {
            b'$' => {
                let digit = self.rest.get(1).filter(|d| d.is_ascii_digit())?;
                Some(Token::BackReference(digit - b'0'))
            }
            b'%' => (self.rest.get(1) == Some(&b'{')).then_some(Token::VariableBegin),
            b'}' => (within == Within::Argument).then_some(Token::VariableEnd),
            b'"' | b'\'' => (within == Within::Quotes(byte)).then_some(Token::StringEnd),
            _ => None,
        }
    }

    fn take(&mut self, special: Token) -> Token {
        match special {
            Token::StringEnd => {
                self.skip(1);
                self.state = State::Plain;
            }
            Token::VariableEnd => {
                self.skip(1);
                self.pop();
            }
            Token::VariableBegin => {
                self.skip(2);
                self.push(State::Variable);
            }
            _ => self.skip(2),
        }
        special
    }

    /// One character of the text, escapes undone.
    fn character(&mut self, byte: u8, within: Within) -> Result<u8, &'static str> {
        if byte != b'\\' {
            self.skip(1);
            // The scanner has no rule for a quote there and gives up altogether.
            let jammed = within == Within::Argument && matches!(byte, b'"' | b'\'');
            return if jammed { Err("flex scanner jammed") } else { Ok(byte) };
        }
        let after = self.rest.get(1..).unwrap_or_default();
        let octal = after.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
        let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > octal {
            self.skip(1 + digits);
            return Err("Bad escape sequence");
        }
        if octal > 0 {
            let value = after.iter().take(octal).fold(0_u32, |v, b| v * 8 + u32::from(b - b'0'));
            self.skip(1 + octal);
            return u8::try_from(value).map_err(|_e| "Escape sequence out of bound");
        }
        let Some(&escaped) = after.first() else {
            // A lone backslash at the end matches no rule either.
            self.skip(1);
            return Err("flex scanner jammed");
        };
        self.skip(2);
        Ok(match escaped {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 0x08,
            b'f' => 0x0c,
            other => other,
        })
    }

    /// Between `%{` and `:` or `}`.
    fn variable(&mut self) -> Token {
        let Some(&byte) = self.rest.first() else {
            return self.error("Unterminated string or variable");
        };
        match byte {
            b'\n' => {
                self.skip(1);
                self.error("Unterminated string or variable")
            }
            b'}' => {
                self.skip(1);
                self.pop();
                Token::VariableEnd
            }
            b':' => {
                self.skip(1);
                self.state = State::Text(Within::Argument);
                Token::Mark(b':')
            }
            b if b.is_ascii_alphabetic() => Token::Id(self.identifier()),
            _ => {
                self.skip(1);
                self.error(format!("Invalid character in variable name '{}'", shown(byte)))
            }
        }
    }

    /// Letters, digits and underscores from here on.
    fn identifier(&mut self) -> BString {
        let end = self.rest.iter().position(|b| !is_word(*b)).unwrap_or(self.rest.len());
        let name = self.rest.get(..end).unwrap_or_default().into();
        self.skip(end);
        name
    }

    fn plain(&mut self) -> Token {
        while matches!(self.rest.first(), Some(b' ' | b'\t' | b'\n')) {
            self.skip(1);
        }
        let Some(&byte) = self.rest.first() else {
            return Token::End;
        };
        let next = self.rest.get(1).copied();
        match (byte, next) {
            (b'"' | b'\'', _) => {
                self.skip(1);
                self.state = State::Text(Within::Quotes(byte));
                Token::StringBegin
            }
            (b'%', Some(b'{')) => {
                self.skip(2);
                self.push(State::Variable);
                Token::VariableBegin
            }
            (b'$', Some(digit @ b'0'..=b'9')) => {
                self.skip(2);
                Token::BackReference(digit - b'0')
            }
            (b'/', _) => self.pattern(1, b'/'),
            (b'm', Some(mark)) if self.begins_pattern(mark) => self.pattern(2, mark),
            (b'-', _) => self.dash(),
            (b'0'..=b'9', _) => self.number(),
            (b, _) if b.is_ascii_alphabetic() => keyword(self.identifier()),
            _ => self.operator(byte, next),
        }
    }

    /// Whether `m` and this begin a pattern. A longer name that starts so does not (`m_a`).
    fn begins_pattern(&self, mark: u8) -> bool {
        b"/#$%^,;:_?|-!.'\"".contains(&mark) && !(mark == b'_' && self.rest.get(2).is_some_and(|b| is_word(*b)))
    }

    /// A pattern up to the next `mark`; nothing protects that.
    fn pattern(&mut self, start: usize, mark: u8) -> Token {
        self.skip(start);
        let Some(end) = self.rest.iter().position(|b| *b == mark) else {
            // The end of the text within a pattern is simply the end: the words so far have to do.
            self.rest = &[];
            return Token::End;
        };
        if end > LONGEST {
            return self.error("Regexp too long");
        }
        let pattern: BString = self.rest.get(..end).unwrap_or_default().into();
        self.skip(end + 1);
        let no_case = self.rest.first() == Some(&b'i');
        if no_case {
            self.skip(1);
        }
        Token::Regex(pattern, no_case)
    }

    fn number(&mut self) -> Token {
        let sign = usize::from(self.rest.first() == Some(&b'-'));
        let digits = self.rest.iter().skip(sign).take_while(|b| b.is_ascii_digit()).count();
        let number = self.rest.get(..sign + digits).unwrap_or_default().into();
        self.skip(sign + digits);
        Token::Digit(number)
    }

    /// `-eq`, `-n`, `-ipmatch`, `-5`.
    fn dash(&mut self) -> Token {
        let Some(&next) = self.rest.get(1) else {
            return self.unreadable(b'-');
        };
        if next.is_ascii_digit() {
            return self.number();
        }
        if !(next.is_ascii_alphabetic() || next == b'_') {
            return self.unreadable(b'-');
        }
        self.skip(1);
        let name = self.identifier();
        match name.as_slice() {
            b"in" => Token::In,
            b"eq" => Token::Compare(Comparison::IntEq),
            b"ne" => Token::Compare(Comparison::IntNe),
            b"ge" => Token::Compare(Comparison::IntGe),
            b"le" => Token::Compare(Comparison::IntLe),
            b"gt" => Token::Compare(Comparison::IntGt),
            b"lt" => Token::Compare(Comparison::IntLt),
            [_] => Token::Unary(name),
            _ => Token::Binary(name),
        }
    }

    fn operator(&mut self, byte: u8, next: Option<u8>) -> Token {
        let (length, token) = match (byte, next) {
            (b'=', Some(b'~')) => (2, Token::Match),
            (b'!', Some(b'~')) => (2, Token::NoMatch),
            (b'=', Some(b'=')) => (2, Token::Compare(Comparison::Eq)),
            (b'!', Some(b'=')) => (2, Token::Compare(Comparison::Ne)),
            (b'<', Some(b'=')) => (2, Token::Compare(Comparison::Le)),
            (b'>', Some(b'=')) => (2, Token::Compare(Comparison::Ge)),
            (b'&', Some(b'&')) => (2, Token::And),
            (b'|', Some(b'|')) => (2, Token::Or),
            (b'=', _) => (1, Token::Compare(Comparison::Eq)),
            (b'<', _) => (1, Token::Compare(Comparison::Lt)),
            (b'>', _) => (1, Token::Compare(Comparison::Gt)),
            (b'!', _) => (1, Token::Not),
            (b'.', _) => (1, Token::Concat),
            (b'(' | b')' | b'{' | b'}' | b',' | b':', _) => (1, Token::Mark(byte)),
            _ => return self.unreadable(byte),
        };
        self.skip(length);
        token
    }

    fn unreadable(&mut self, byte: u8) -> Token {
        self.skip(1);
        self.error(format!("Parse error near '{}'", shown(byte)))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn keyword(name: BString) -> Token {
    match name.as_slice() {
        b"and" => Token::And,
        b"or" => Token::Or,
        b"not" => Token::Not,
        b"lt" => Token::Compare(Comparison::IntLt),
        b"le" => Token::Compare(Comparison::IntLe),
        b"gt" => Token::Compare(Comparison::IntGt),
        b"ge" => Token::Compare(Comparison::IntGe),
        b"ne" => Token::Compare(Comparison::IntNe),
        b"eq" => Token::Compare(Comparison::IntEq),
        b"in" => Token::In,
        b"true" => Token::True,
        b"false" => Token::False,
        _ => Token::Id(name),
    }
}

/// A byte as the server's log prints it.
fn shown(byte: u8) -> String {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte).to_string() } else { format!("\\x{byte:02x}") }
}
