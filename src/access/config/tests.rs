//! What is wrong with directives and sections, at which line, in the server's words.

use crate::access::{level::Level, trial};

const OLD: Level = Level::V2_2_34;
const MID: Level = Level::V2_4_12;
const NEW: Level = Level::V2_4_71;

/// Level, configuration, line, message.
const MISTAKES: &[(Level, &str, u32, &str)] = &[
    (
        NEW,
        "\nNonsense 1",
        2,
        "Invalid command 'Nonsense', perhaps misspelled or defined by a module not included in the server configuration",
    ),
    (
        OLD,
        "<If true>\n</If>",
        1,
        "Invalid command '<If', perhaps misspelled or defined by a module not included in the server configuration",
    ),
    (NEW, "<Directory /x>\nServerName a\n</Directory>", 2, "ServerName not allowed in <Directory> context"),
    (MID, "<Directory /x>\nServerName a\n</Directory>", 2, "ServerName not allowed here"),
    (NEW, "Require all granted", 1, "Require not allowed here"),
    (
        NEW,
        "<VirtualHost *:80>\n<VirtualHost *:80>\n</VirtualHost>\n</VirtualHost>",
        2,
        "<VirtualHost> cannot occur within <VirtualHost> section",
    ),
    (NEW, "<VirtualHost>\n</VirtualHost>", 1, "<VirtualHost> directive requires additional arguments"),
    (NEW, "<Directory>\n</Directory>", 1, "<Directory> directive requires additional arguments"),
    (NEW, "<Directory /x\n</Directory>", 1, "<Directory> directive missing closing '>'"),
    (NEW, "<Directory /x /y>\n</Directory>", 1, "Multiple <Directory> arguments not (yet) supported."),
    (NEW, "<DirectoryMatch (>\n</DirectoryMatch>", 1, "Regex could not be compiled"),
    (NEW, "<Directory /x>\n<Limit>\n</Limit>\n</Directory>", 2, "<Limit> directive requires additional arguments"),
    (
        NEW,
        "<Directory /x>\n<Limit TRACE>\n</Limit>\n</Directory>",
        2,
        "TRACE cannot be controlled by <Limit>, see TraceEnable",
    ),
    (
        NEW,
        "<Directory /x>\n<If true>\n</If>\n<Else x>\n</Else>\n</Directory>",
        4,
        "<Else> directive doesn't take additional arguments",
    ),
    (
        NEW,
        "<Directory /x>\n<Else>\n</Else>\n</Directory>",
        2,
        "<ElseIf> or <Else> section without previous <If> or <ElseIf> section in same scope",
    ),
    (
        NEW,
        "<Directory /x>\n<RequireAll x>\n</RequireAll>\n</Directory>",
        2,
        "<RequireAll> directive doesn't take additional arguments",
    ),
    (NEW, "ServerName ftp://a", 1, "Invalid ServerName scheme"),
    (NEW, "ServerName a:99999", 1, "The port number \"99999\" is outside the appropriate range (i.e., 1..65535)."),
    (NEW, "ServerName", 1, "ServerName takes one argument, The hostname and port of the server"),
    (NEW, "ServerAlias a", 1, "ServerAlias only used in <VirtualHost>"),
    (NEW, "LimitInternalRecursion 0", 1, "The redirect limit must be positive."),
    (
        NEW,
        "LogLevel loud",
        1,
        "Log level keyword must be one of emerg/alert/crit/error/warn/notice/info/debug/trace1/.../trace8",
    ),
    (NEW, "RegexDefaultOptions x", 1, "Invalid RegexDefaultOptions option"),
    (
        NEW,
        "Listen",
        1,
        "Listen requires at least one argument, A port number or a numeric IP address and a port number, and an optional protocol",
    ),
    (NEW, "Listen 0", 1, "Port must be specified"),
    (NEW, "Listen 81\nListen 81", 2, "Cannot define multiple Listeners on the same IP:port"),
    (NEW, "<VirtualHost *:80>\nListen 81\n</VirtualHost>", 2, "Listen cannot occur within <VirtualHost> section"),
    (NEW, "Error \"not today\"", 1, "not today"),
    (NEW, "ErrorDocument 403", 1, "ErrorDocument takes two arguments, Change responses for HTTP errors"),
    (NEW, "ErrorDocument 999 /x", 1, "Unsupported HTTP response code 999"),
    (OLD, "ErrorDocument 429 /x", 1, "Unsupported HTTP response code 429"),
    (
        NEW,
        "<Directory /x>\nOptions Indexes +FollowSymLinks\n</Directory>",
        2,
        "Either all Options must start with + or -, or no Option may.",
    ),
    (NEW, "<Directory /x>\nOptions Sing\n</Directory>", 2, "Illegal option Sing"),
    (NEW, "<Directory /x>\nAllowOverride Sing\n</Directory>", 2, "Illegal override option Sing"),
    (NEW, "AcceptPathInfo x", 1, "AcceptPathInfo must be set to on, off or default"),
    (NEW, "HostnameLookups x", 1, "parameter must be 'on', 'off', or 'double'"),
    (NEW, "UseCanonicalName x", 1, "parameter must be 'on', 'off', or 'dns'"),
    (NEW, "DirectoryIndex", 1, "DirectoryIndex requires at least one argument, a list of file names"),
    (NEW, "DirectoryIndexRedirect 404", 1, "DirectoryIndexRedirect must be Off, On, or a 3xx status"),
    (NEW, "RewriteEngine x", 1, "RewriteEngine must be On or Off"),
];

#[test]
fn each_mistake_is_told_in_the_servers_words() {
    for (level, text, line, said) in MISTAKES {
        assert_eq!(trial::wrong(*level, text), (*line, (*said).to_owned()), "{level} {text}");
    }
}

#[test]
fn signs_of_options_mix_in_2_2_only() {
    let config = "DocumentRoot /srv/www\n<Directory /srv/www>\nOptions None\n</Directory>\n<Directory /srv/www/d>\nOptions -MultiViews Indexes\n</Directory>\n";
    let files = [("/srv/www/d/x", "")];
    assert_eq!(trial::answer(OLD, config, &files, "/d/").status, 200);
    assert_eq!(trial::wrong(NEW, config).0, 6);
}

#[test]
fn what_stands_here_and_is_not_modelled_is_not_guessed() {
    let answer = trial::answer(NEW, "DocumentRoot /srv/www\nProxyPass /x http://o/\n", &[("/srv/www/a", "")], "/a");
    assert_eq!(answer.status, 0);
    assert_eq!(answer.decided.map(|place| place.line), Some(2));
}
