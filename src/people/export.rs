//! The list as shown, written to a file: CSV, JSON or LDIF (RFC 2849) with chosen columns, whole or not at all.
//!
//! [`Writer`] writes rows to anything, for the window and the command line alike; [`Export`] is a run into a file, with
//! progress. Not here: which rows there are (the list), and plans of changes.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use data_encoding::BASE64;

use super::attributes::is_secret;
use crate::{
    job::{Job, Poll, Reporter, Stop, Waker},
    model::{AttributeNames, Entry, Problem, Value},
};

/// One person as the list knows it; absent values are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonRow<'a> {
    /// The entry's distinguished name.
    pub dn: &'a str,
    /// The name people go by.
    pub name: &'a str,
    /// The mail address.
    pub mail: &'a str,
    /// The account or user name.
    pub account: &'a str,
    /// The photo URL as it stands in the directory.
    pub photo_url: &'a str,
    /// When the entry was last changed, in generalized time.
    pub changed: &'a str,
}

/// A column that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The distinguished name.
    Dn,
    /// The name.
    Name,
    /// The mail address.
    Mail,
    /// The account.
    Account,
    /// The photo URL.
    PhotoUrl,
    /// The last change.
    Changed,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For spreadsheets (RFC 4180).
    #[default]
    Csv,
    /// For scripts: one array of objects.
    Json,
    /// For directory tools: content records (RFC 2849).
    Ldif,
}

/// What to write, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The kind of file.
    pub format: Format,
    /// Which columns, in the order of [`Column::ALL`]. LDIF names the entry by its DN whether chosen or not.
    pub columns: Vec<Column>,
    /// Begin CSV with a byte-order mark, by which spreadsheets recognise UTF-8.
    pub byte_order_mark: bool,
    /// The directory's names of the attributes, for LDIF.
    pub names: AttributeNames,
}

/// Writes rows in the chosen form. Call [`Writer::finish`], or the end is missing.
pub struct Writer<W: Write> {
    options: Options,
    form: Form<W>,
    rows: usize,
}

enum Form<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json(W),
    Ldif(W),
}

/// An export into a file: running, done or failed.
pub struct Export {
    path: PathBuf,
    total: usize,
    written: usize,
    job: Option<Job<usize>>,
    problem: Option<Problem>,
    stopped: bool,
}

/// After how many rows an export reports, and learns to stop.
const REPORT_EVERY: usize = 500;

impl Column {
    /// Every column, in the order in which they are written.
    pub const ALL: [Self; 6] = [Self::Name, Self::Mail, Self::Account, Self::PhotoUrl, Self::Changed, Self::Dn];

    /// As shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dn => "Distinguished name",
            Self::Name => "Name",
            Self::Mail => "Mail",
            Self::Account => "Account",
            Self::PhotoUrl => "Photo URL",
            Self::Changed => "Last change",
        }
    }

    /// The key in JSON and the head in CSV.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dn => "dn",
            Self::Name => "name",
            Self::Mail => "mail",
            Self::Account => "account",
            Self::PhotoUrl => "photo_url",
            Self::Changed => "changed",
        }
    }

    fn of<'a>(self, row: &PersonRow<'a>) -> &'a str {
        match self {
            Self::Dn => row.dn,
            Self::Name => row.name,
            Self::Mail => row.mail,
            Self::Account => row.account,
            Self::PhotoUrl => row.photo_url,
            Self::Changed => row.changed,
        }
    }

    /// The attribute that LDIF writes; `None` for the DN, which is no attribute, and the time of change, which the
    /// directory sets by itself and refuses to be given.
    fn attribute(self, names: &AttributeNames) -> Option<&str> {
        match self {
            Self::Dn | Self::Changed => None,
            Self::Name => names.name.as_deref(),
            Self::Mail => names.mail.as_deref(),
            Self::Account => names.account.as_deref(),
            Self::PhotoUrl => names.photo_url.as_deref(),
        }
    }
}

impl Format {
    /// Every form, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Ldif];

    /// As shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Ldif => "LDIF",
        }
    }

    /// The usual end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ldif => "ldif",
        }
    }
}

impl<W: Write> Writer<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// When `to` cannot be written.
    pub fn new(mut to: W, options: Options) -> io::Result<Self> {
        let form = match options.format {
            Format::Csv => {
                if options.byte_order_mark {
                    to.write_all("\u{FEFF}".as_bytes())?;
                }
                let mut csv = csv::Writer::from_writer(to);
                csv.write_record(options.columns.iter().map(|column| column.key()))?;
                Form::Csv(Box::new(csv))
            }
            Format::Json => {
                to.write_all(b"[")?;
                Form::Json(to)
            }
            Format::Ldif => {
                to.write_all(b"version: 1\n")?;
                Form::Ldif(to)
            }
        };
        Ok(Self { options, form, rows: 0 })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, row: &PersonRow<'_>) -> io::Result<()> {
        let columns = &self.options.columns;
        match &mut self.form {
            Form::Csv(csv) => csv.write_record(columns.iter().map(|column| guarded(column.of(row))))?,
            Form::Json(to) => {
                to.write_all(if self.rows == 0 { b"\n  " } else { b",\n  " })?;
                let object: serde_json::Map<_, _> =
                    columns.iter().map(|column| (column.key().to_owned(), column.of(row).into())).collect();
                serde_json::to_writer(to, &object)?;
            }
            Form::Ldif(to) => {
                to.write_all(b"\n")?;
                ldif_line(to, "dn", row.dn.as_bytes())?;
                for column in columns {
                    let value = column.of(row);
                    if let Some(attribute) = column.attribute(&self.options.names).filter(|_| !value.is_empty()) {
                        ldif_line(to, attribute, value.as_bytes())?;
                    }
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes the end, and gives back what was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        let mut to = match self.form {
            Form::Csv(csv) => csv.into_inner().map_err(csv::IntoInnerError::into_error)?,
            Form::Json(mut to) => {
                to.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
                to
            }
            Form::Ldif(to) => to,
        };
        to.flush()?;
        Ok(to)
    }
}

impl Export {
    /// Starts writing `total` rows to `path`. `rows` hands each row to the function it is given, and passes its error
    /// on; it runs on the job's thread. The file appears when it is whole; one that was there stays until then.
    pub fn start(
        path: PathBuf,
        options: Options,
        total: usize,
        waker: Waker,
        rows: impl FnOnce(&mut dyn FnMut(PersonRow<'_>) -> Result<(), Stop>) -> Result<(), Stop> + Send + 'static,
    ) -> Self {
        let target = path.clone();
        let job = Job::spawn("export", waker, move |report| run(&target, options, report, rows));
        Self { path, total, written: 0, job: Some(job), problem: None, stopped: false }
    }

    /// Takes in what the job reports; true when something changed.
    pub fn poll(&mut self) -> bool {
        let mut changed = false;
        while let Some(job) = &self.job {
            match job.poll() {
                Poll::Event(written) => self.written = written,
                Poll::Pending => break,
                Poll::Ended(end) => {
                    self.job = None;
                    match end {
                        Ok(()) => {}
                        Err(Stop::Cancelled) => self.stopped = true,
                        Err(Stop::Failed(problem)) => self.problem = Some(problem),
                    }
                }
            }
            changed = true;
        }
        changed
    }

    /// Stops it; no file is left.
    pub fn stop(&self) {
        if let Some(job) = &self.job {
            job.cancel();
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows written so far, and rows in all.
    pub fn progress(&self) -> (usize, usize) {
        (self.written, self.total)
    }

    /// Still writing.
    pub fn is_running(&self) -> bool {
        self.job.is_some()
    }

    /// It was stopped before its end.
    pub fn was_stopped(&self) -> bool {
        self.stopped
    }

    /// Why there is no file.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

fn run(
    path: &Path,
    options: Options,
    report: &Reporter<usize>,
    rows: impl FnOnce(&mut dyn FnMut(PersonRow<'_>) -> Result<(), Stop>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let failed = |error: &io::Error| Stop::Failed(cannot_write(path, error));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = new_file_in(folder).map_err(|error| failed(&error))?;
    let mut writer = Writer::new(BufWriter::new(file.as_file()), options).map_err(|error| failed(&error))?;
    let mut written = 0_usize;
    rows(&mut |row| {
        writer.row(&row).map_err(|error| failed(&error))?;
        written += 1;
        if written.is_multiple_of(REPORT_EVERY) { report.send(written) } else { report.go_on() }
    })?;
    let flushed =
        writer.finish().and_then(|buffer| buffer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all());
    flushed.map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    report.send(written)
}

/// A file beside the target, with the rights of any new file: a temporary file's own would shut out everybody else.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile<File>> {
    tempfile::Builder::new()
        .prefix(".photodesk-export-")
        .make_in(folder, |path| File::options().write(true).create_new(true).open(path))
}

fn cannot_write(path: &Path, error: &io::Error) -> Problem {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "The folder does not exist. Choose another one.",
        io::ErrorKind::PermissionDenied => "You may not write there. Choose another folder.",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "The disk is full. Choose another folder.",
        io::ErrorKind::IsADirectory => "There is a folder of this name. Choose another name.",
        _ => "Choose another folder or name.",
    };
    Problem::new(format!("{} was not written", path.display())).hint(hint).details(error.to_string())
}

/// A value that a spreadsheet would run as a formula gets an apostrophe in front, which spreadsheets take as the mark
/// of plain text (OWASP, "CSV Injection").
pub fn guarded(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{value}") } else { value.to_owned() }
}

/// A whole entry as one LDIF record, for the clipboard; passwords and keys are left out.
pub fn entry_as_ldif(entry: &Entry) -> String {
    let mut text = Vec::new();
    let mut lines = ldif_line(&mut text, "dn", entry.dn.as_str().as_bytes());
    for attribute in entry.attributes.iter().filter(|attribute| !is_secret(&attribute.name)) {
        for Value(bytes) in &attribute.values {
            lines = lines.and_then(|()| ldif_line(&mut text, &attribute.name, bytes));
        }
    }
    // Writing to memory does not fail.
    lines.map(|()| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}

/// One `attrval-spec` of RFC 2849: base64 unless it is a SAFE-STRING without a blank at its end, folded at 76 bytes.
fn ldif_line(to: &mut impl Write, attribute: &str, value: &[u8]) -> io::Result<()> {
    let safe = std::str::from_utf8(value).ok().filter(|text| {
        !text.starts_with([' ', ':', '<'])
            && !text.ends_with(' ')
            && text.bytes().all(|byte| byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r'))
    });
    let line = match safe {
        Some(text) => format!("{attribute}: {text}"),
        None => format!("{attribute}:: {}", BASE64.encode(value)),
    };
    // Safe and base64 lines are ASCII, so that no character is cut.
    let (first, mut rest) = line.split_at(line.floor_char_boundary(76));
    writeln!(to, "{first}")?;
    while !rest.is_empty() {
        let part;
        (part, rest) = rest.split_at(rest.floor_char_boundary(75));
        writeln!(to, " {part}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Column, Export, Format, Options, PersonRow, Writer, entry_as_ldif, guarded};
    use crate::{
        job::{Stop, Waker},
        model::{Attribute, DirectoryKind, Dn, Entry, Value},
    };

    const ASHA: PersonRow<'_> = PersonRow {
        dn: "uid=apatel,ou=People,dc=example,dc=com",
        name: "Asha Patel",
        mail: "asha.patel@example.com",
        account: "apatel",
        photo_url: "http://photos.example.com/asha.patel@example.com.jpg",
        changed: "20261104114200Z",
    };

    fn options(format: Format, columns: &[Column]) -> Options {
        let names = DirectoryKind::OpenLdap.attributes();
        Options { format, columns: columns.to_vec(), byte_order_mark: false, names }
    }

    fn written(options: Options, rows: &[PersonRow<'_>]) -> String {
        let mut writer = Writer::new(Vec::new(), options).unwrap();
        for row in rows {
            writer.row(row).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_value_that_a_spreadsheet_would_run_is_written_as_text() {
        for (value, safe) in [
            ("=HYPERLINK(\"http://example.com\")", "'=HYPERLINK(\"http://example.com\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("1=1", "1=1"),
            ("Zoë", "Zoë"),
            ("", ""),
        ] {
            assert_eq!(guarded(value), safe, "{value:?}");
        }
    }

    #[test]
    fn csv_has_the_chosen_columns_and_survives_commas_quotes_and_line_ends() {
        let hostile = PersonRow { name: "=cmd, \"Ada\"\nB", ..ASHA };
        let mut options = options(Format::Csv, &[Column::Name, Column::Mail]);
        let text = written(options.clone(), &[ASHA, hostile]);
        assert_eq!(
            text,
            "name,mail\nAsha Patel,asha.patel@example.com\n\"'=cmd, \"\"Ada\"\"\nB\",asha.patel@example.com\n"
        );
        options.byte_order_mark = true;
        assert!(written(options, &[]).starts_with("\u{FEFF}name,mail"));
    }

    #[test]
    fn json_is_one_array_even_of_nobody() {
        let all = options(Format::Json, &Column::ALL);
        let read: serde_json::Value = serde_json::from_str(&written(all.clone(), &[ASHA, ASHA])).unwrap();
        assert_eq!(read[1]["photo_url"], ASHA.photo_url);
        assert_eq!(read[0].as_object().unwrap().keys().count(), Column::ALL.len());
        assert_eq!(written(all, &[]), "[]\n");
    }

    #[test]
    fn ldif_follows_rfc_2849() {
        let rows = [
            ASHA,
            PersonRow { dn: "cn=Müller,dc=example", name: "Müller", mail: " leading", account: "", ..ASHA },
            PersonRow { dn: "cn=x", name: ":colon", mail: "trailing ", photo_url: "<file", account: "a\nb", ..ASHA },
        ];
        let text = written(options(Format::Ldif, &Column::ALL), &rows);
        let expected = "version: 1\n\ndn: uid=apatel,ou=People,dc=example,dc=com\ncn: Asha Patel\n\
                        mail: asha.patel@example.com\nuid: apatel\n\
                        photoURL: http://photos.example.com/asha.patel@example.com.jpg\n\n\
                        dn:: Y249TcO8bGxlcixkYz1leGFtcGxl\ncn:: TcO8bGxlcg==\nmail:: IGxlYWRpbmc=\n\
                        photoURL: http://photos.example.com/asha.patel@example.com.jpg\n\n\
                        dn: cn=x\ncn:: OmNvbG9u\nmail:: dHJhaWxpbmcg\nuid:: YQpi\nphotoURL:: PGZpbGU=\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_ldif_lines_are_folded_and_can_be_put_together_again() {
        let long = "é".repeat(300);
        for value in [long.as_str(), &"a".repeat(76), &"b".repeat(500)] {
            let text = written(options(Format::Ldif, &[Column::Name]), &[PersonRow { name: value, ..ASHA }]);
            assert!(text.lines().all(|line| line.len() <= 76), "{text}");
            let unfolded = text.replace("\n ", "");
            let line = unfolded.lines().find(|line| line.starts_with("cn:")).unwrap().to_owned();
            let read = match line.strip_prefix("cn:: ") {
                Some(base64) => data_encoding::BASE64.decode(base64.as_bytes()).unwrap(),
                None => line.strip_prefix("cn: ").unwrap().as_bytes().to_vec(),
            };
            assert_eq!(String::from_utf8(read).unwrap(), value);
        }
    }

    #[test]
    fn an_entry_on_the_clipboard_has_pictures_and_no_passwords() {
        let attribute =
            |name: &str, value: &[u8]| Attribute { name: name.to_owned(), values: vec![Value(value.to_vec())] };
        let entry = Entry {
            dn: Dn::new("uid=a,dc=example"),
            attributes: vec![
                attribute("cn", b"Asha"),
                attribute("userPassword", b"{SSHA}secret"),
                attribute("jpegPhoto;binary", &[0xFF, 0xD8]),
            ],
        };
        assert_eq!(entry_as_ldif(&entry), "dn: uid=a,dc=example\ncn: Asha\njpegPhoto;binary:: /9g=\n");
    }

    /// Runs an export of `people` rows to its end.
    fn export(path: &std::path::Path, people: usize, fail_at: Option<usize>) -> Export {
        let options = options(Format::Csv, &[Column::Name]);
        let mut export = Export::start(path.to_owned(), options, people, Waker::none(), move |each| {
            (0..people).try_for_each(|at| {
                if fail_at == Some(at) {
                    return Err(Stop::Cancelled);
                }
                each(ASHA)
            })
        });
        while export.is_running() {
            export.poll();
            std::thread::yield_now();
        }
        export
    }

    #[test]
    fn an_export_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.csv");
        std::fs::write(&path, "the old one").unwrap();

        let stopped = export(&path, 2_000, Some(1_500));
        assert!(stopped.was_stopped());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the old one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");

        let done = export(&path, 2_000, None);
        assert_eq!((done.progress(), done.problem()), ((2_000, 2_000), None));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2_001);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = export(&folder.path().join("none/people.csv"), 1, None);
        let problem = missing.problem().unwrap();
        assert!(problem.what.ends_with("none/people.csv was not written"), "{problem}");
        assert_eq!(problem.hint.as_deref(), Some("The folder does not exist. Choose another one."));
        let taken = export(folder.path(), 1, None);
        assert!(taken.problem().is_some(), "a folder was overwritten");
    }
}
