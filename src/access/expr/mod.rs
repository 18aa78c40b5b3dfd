//! stub
use super::{level::Level, record::Record, run::Run, unknown::Unknown};
use bstr::BString;
#[derive(Debug, Clone)]
pub struct Expr;
#[derive(Debug, Clone, Copy, Default)]
pub struct Options;
#[derive(Debug, Clone, Default)]
pub struct Captures;
impl Expr {
    pub fn parse(_text: &[u8], _o: Options, _level: Level) -> Result<Self, String> {
        Ok(Self)
    }
    pub fn holds(&self, _run: &mut Run<'_>, _record: &Record, _c: &mut Captures) -> Result<bool, Unknown> {
        Err(Unknown::because("stub"))
    }
    pub fn text(&self, _run: &mut Run<'_>, _record: &Record) -> Result<BString, Unknown> {
        Err(Unknown::because("stub"))
    }
}
