//! Nesting and its errors, conditions, macros, includes: what is read, and what is refused at which line.

use super::*;
use crate::access::trial;

const NEW: Level = Level::V2_4_71;
const OLD: Level = Level::V2_2_34;

/// The directives that are left, sections with what is in them in braces.
fn read(level: Level, text: &str, files: &[(&str, &str)]) -> Result<String, String> {
    let files = trial::files(files);
    let start = Start { server_root: "/srv/httpd".into(), defines: vec!["GIVEN".into()], ..Start::new(level) };
    let mut reader = Reader::new(&start, &files);
    match reader.file("conf", text.as_bytes()) {
        Ok(tree) => Ok(shown(&tree)),
        Err(problem) => Err(problem.show(&reader.sources, level)),
    }
}

fn shown(tree: &[Directive]) -> String {
    let one = |d: &Directive| match &d.children {
        Some(children) => format!("{} {{{}}}", d.name, shown(children)),
        None => format!("{} {}", d.name, d.args).trim_end().to_owned(),
    };
    tree.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn conditions_leave_what_holds() {
    for (level, text, left) in [
        (NEW, "<IfDefine GIVEN>\nA 1\n</IfDefine>\nB 2", "A 1; B 2"),
        (NEW, "<IfDefine !GIVEN>\nA 1\n</IfDefine>\nB 2", "B 2"),
        (NEW, "Define X y\n<IfDefine X>\nA ${X}\n</IfDefine>", "A ${X}"),
        (NEW, "Define X\nUnDefine X\n<IfDefine X>\nA 1\n</IfDefine>", ""),
        (NEW, "<IfModule mod_rewrite.c>\nA 1\n</IfModule>", "A 1"),
        (NEW, "<IfModule rewrite_module>\nA 1\n</IfModule>", "A 1"),
        (NEW, "<IfModule !mod_rewrite.c>\nA 1\n</IfModule>", ""),
        (NEW, "<IfModule mod_nowhere.c>\nA 1\n</IfModule>", ""),
        (NEW, "<IfVersion >= 2.4>\nA 1\n</IfVersion>", "A 1"),
        (OLD, "<IfVersion >= 2.4>\nA 1\n</IfVersion>", ""),
        (OLD, "<IfVersion 2.2.34>\nA 1\n</IfVersion>", "A 1"),
        (NEW, "<IfVersion ~ ^2.[24]>\nA 1\n</IfVersion>", "A 1"),
        (NEW, "<IfDefine NO>\n<Anything\n<Odd>\n</Odd>\n</Anything>\n</IfDefine>\nB 2", "B 2"),
        (NEW, "<Directory /x>\n<IfDefine GIVEN>\nA 1\n</IfDefine>\n</Directory>", "<Directory {A 1}"),
        (NEW, "# a comment \\\nA 1\nB \\\n 2", "B 2"),
    ] {
        assert_eq!(read(level, text, &[]).as_deref(), Ok(left), "{level} {text}");
    }
}

#[test]
fn sections_must_nest_and_end() {
    for (text, said) in [
        (
            "A 1\n</Directory>",
            "httpd: Syntax error on line 2 of conf: </Directory> without matching <Directory> section",
        ),
        (
            "<Directory /x>\n</Location>",
            "httpd: Syntax error on line 2 of conf: Expected </Directory> but saw </Location>",
        ),
        (
            "<Directory /x>\n\n<Files y>\n",
            "httpd: Syntax error on line 1 of conf: conf:3: <Files> was not closed.\nconf:1: <Directory> was not closed.",
        ),
        ("<>", "httpd: Syntax error on line 1 of conf: Incomplete <"),
        (
            "<IfDefine>\n</IfDefine>",
            "httpd: Syntax error on line 1 of conf: <IfDefine> directive requires additional arguments",
        ),
        ("<IfDefine X\n</IfDefine>", "httpd: Syntax error on line 1 of conf: <IfDefine> directive missing closing '>'"),
        (
            "<IfDefine NO>\nA 1\n",
            "httpd: Syntax error on line 1 of conf: Expected </IfDefine> before end of configuration",
        ),
    ] {
        assert_eq!(read(NEW, text, &[]), Err(said.to_owned()), "{text}");
    }
    let deep = "<A x>\n".repeat(DEPTH + 1);
    assert!(read(NEW, &deep, &[]).unwrap_err().contains("nested more than"));
    let deep = "<IfDefine GIVEN>\n".repeat(DEPTH + 1);
    assert!(read(NEW, &deep, &[]).unwrap_err().contains("nested more than"));
    let deep = "<IfDefine NO>\n".repeat(DEPTH + 2);
    assert!(read(NEW, &deep, &[]).unwrap_err().contains("nested more than"));
}

#[test]
fn macros_are_filled_in_and_name_their_lines() {
    let site = "<Macro Site $name $dir>\nServerName $name\nDocumentRoot $dir/$name\n</Macro>\n";
    for (text, left) in [
        ("Use Site a /srv", Ok("ServerName a; DocumentRoot /srv/a")),
        (
            "Use site a /srv\nUse SITE b /srv",
            Ok("ServerName a; DocumentRoot /srv/a; ServerName b; DocumentRoot /srv/b"),
        ),
        ("UndefMacro Site\nUse Site a /srv", Err("Macro 'site' undefined")),
        ("Use Site a", Err("Macro 'site' used with 1 arguments, expected 2")),
        ("Use Other", Err("Macro 'other' undefined")),
        ("<Macro>\n</Macro>", Err("<Macro macrodef: macro name not specified")),
        ("<Macro X", Err("<Macro> directive missing closing '>'")),
        ("<Macro X>\nA 1\n", Err("expected token not found: </Macro>")),
        ("<Macro Loop>\nUse Loop\n</Macro>\nUse Loop", Err("macros are nested more than")),
    ] {
        match (read(NEW, &format!("{site}{text}"), &[]), left) {
            (Ok(read), Ok(left)) => assert_eq!(read, left, "{text}"),
            (Err(said), Err(part)) => assert!(said.contains(part), "{text}: {said}"),
            (read, left) => panic!("{text}: {read:?}, not {left:?}"),
        }
    }
}

#[test]
fn includes_are_found_by_name_folder_and_pattern() {
    let files = [
        ("/srv/httpd/a.conf", "A 1\n"),
        ("/srv/httpd/d/2.conf", "D 2\n"),
        ("/srv/httpd/d/1.conf", "D 1\n"),
        ("/srv/httpd/d/note.txt", "N 1\n"),
        ("/srv/httpd/bad.conf", "\n</X>\n"),
        ("/srv/httpd/loop.conf", "Include loop.conf\n"),
    ];
    for (level, text, left) in [
        (NEW, "Include a.conf\nB 2", Ok("A 1; B 2")),
        (NEW, "Include /srv/httpd/a.conf", Ok("A 1")),
        (NEW, "Include d/*.conf", Ok("D 1; D 2")),
        (NEW, "Include d", Ok("D 1; D 2; N 1")),
        (NEW, "IncludeOptional none.conf\nB 2", Ok("B 2")),
        (NEW, "IncludeOptional none/*.conf\nB 2", Ok("B 2")),
        (OLD, "Include a.conf", Ok("A 1")),
        (NEW, "<Directory /x>\nInclude a.conf\n</Directory>", Ok("<Directory {A 1}")),
        (NEW, "Include none.conf", Err("httpd: Syntax error on line 1 of conf: ")),
        (
            NEW,
            "B 1\nInclude bad.conf",
            Err("httpd: Syntax error on line 2 of conf: Syntax error on line 2 of /srv/httpd/bad.conf: </X> without"),
        ),
        (NEW, "Include loop.conf", Err("Exceeded maximum include depth")),
        (OLD, "IncludeOptional none.conf", Ok("IncludeOptional none.conf")),
    ] {
        match (read(level, text, &files), left) {
            (Ok(read), Ok(left)) => assert_eq!(read, left, "{level} {text}"),
            (Err(said), Err(part)) => assert!(said.contains(part), "{level} {text}: {said}"),
            (read, left) => panic!("{level} {text}: {read:?}, not {left:?}"),
        }
    }
}
