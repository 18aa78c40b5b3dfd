//! The policy engine on made-up bytes: no panic, no hang, no end to its stack, whatever is in a configuration, an expression
//! or a request. What it says about them is not looked at here.
//!
//! ```text
//! cargo test --test it access_fuzz         # some thousands of each
//! tests/fuzz                               # ten million of each, a release build
//! PHOTODESK_FUZZ_RUNS=1000000 PHOTODESK_FUZZ_SEED=7 tests/fuzz expressions
//! ```
//!
//! With `PHOTODESK_FUZZ_LAST` set to a folder, the input that ended the process is found there.

use std::{
    env,
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::LazyLock,
    time::Instant,
};

use bstr::ByteSlice;
use photodesk::access::{
    config,
    config::{
        load::{self, Loaded},
        read::Start,
    },
    conformance::{self, Case, bed},
    expr::{self, Expr},
    files::{Entry, Files},
    level::Level,
    policy::Policy,
    request::{Request, World},
    respond::{self, Answer},
    run::Run,
    trace::{Event, Step, Tracer},
    wire,
};

use crate::support::fuzz::{Corpus, Plan, fuzz};

/// Runs of each kind in the ordinary tests.
const SHORT: u64 = 20_000;
/// Runs of each kind when it is meant.
const LONG: u64 = 10_000_000;

/// Addresses of the engine that a test of some thousand runs should reach; the recorded cases have them all.
const CONFIGURATIONS: [&str; 6] = [
    "<VirtualHost *:80>\nServerName www.example.com\nDocumentRoot /srv/www\nRewriteEngine On\nRewriteCond %{REMOTE_ADDR} !^10\\.1\\. [NC,OR]\nRewriteCond %{HTTP_COOKIE} !Ltpa=.*$\nRewriteRule ^(.*)$ https://www.example.com/$1?%{QUERY_STRING} [R=302,L,E=a:%1]\n</VirtualHost>\n",
    "DocumentRoot /srv/www\n<Directory /srv/www>\nAllowOverride All\nOptions Indexes FollowSymLinks\nOrder deny,allow\nDeny from all\nAllow from 10.0.0.0/8 .example.com\n</Directory>\nErrorDocument 403 /refused.html\n",
    "<Directory /srv/www>\n<RequireAny>\nRequire ip 10.1.2\n<RequireAll>\nRequire not host example.com\nRequire expr %{REQUEST_URI} =~ m#^/(a|b)#i\n</RequireAll>\n</RequireAny>\n</Directory>\n<If \"%{HTTP_HOST} == 'www.example.com' && -n %{HTTP:Cookie}\">\nRedirect 303 /a /b\n</If>\n<Else>\nRequire all denied\n</Else>\n",
    "Define ROOT /srv/www\n<Macro site $name>\nAlias /$name ${ROOT}/$name\n</Macro>\nUse site photos\n<IfModule mod_rewrite.c>\nRewriteMap m txt:/srv/httpd/conf/map.txt\nRewriteEngine On\nRewriteRule ^/p/(.+) /${m:$1|none} [PT,N=3,B]\n</IfModule>\nInclude conf/extra/*.conf\n",
    "SetEnvIfNoCase User-Agent \"(bot|spider)\" robot=$1 !human\n<LocationMatch \"^/(?<site>[a-z]+)/\">\nRequestHeader edit Cookie \"^(.*)x\" \"$1y\" env=robot\nSetHandler default-handler\n</LocationMatch>\n<Files ~ \"\\.(jpe?g|png)$\">\nDeny from env=robot\nSatisfy Any\n</Files>\nRemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 192.0.2.0/24\n",
    "Include conf/httpd.conf\nInclude conf/httpd.conf\n<Macro m>\nUse m\nUse m\n</Macro>\nUse m\nDefine a ${a}${a}b\n",
];

const EXPRESSIONS: [&str; 12] = [
    "%{REMOTE_ADDR} -ipmatch '10.0.0.0/8' || ! -R '192.0.2.0/24'",
    "%{REQUEST_URI} =~ m#^/(.*)/(.*)$#i && $1 == 'photos'",
    "%{HTTP:Cookie} !~ /LtpaToken2?=/ && (%{TIME_HOUR} -ge 8 && %{TIME_HOUR} -lt 18)",
    "tolower(%{HTTP_HOST}) in { 'a.example.com', 'b.example.com' }",
    "req('X-Forwarded-For') == '' or not true",
    "-f '/srv/www' . %{REQUEST_URI} || -e %{REQUEST_FILENAME}",
    "file('/srv/www/list.txt') =~ /x/ && unescape(%{QUERY_STRING}) -strcmatch '*a*'",
    "'10.1.2.3' in split(/,/, req('X'))",
    "%{REQUEST_METHOD} in PeerExtList('1.2')",
    "sub(/(.)/, '<$1>', %{HTTP_HOST}) == md5('a') . sha1(base64('b')) . escape('c')",
    "-T reqenv('a') && %{env:x} -eq 1 && osenv('PATH') -fnmatch '/b*'",
    "no %{SERVER_NAME} at %{TIME} for %{REMOTE_ADDR}",
];

const TARGETS: [&str; 14] = [
    "/",
    "/photos/a.jpg?x=1&y",
    "//a/../b/./c",
    "/%2e%2e/%2F%00%zz",
    "*",
    "http://www.example.com:80/a?b#c",
    "/a%5cb;c=1",
    "/index.html/extra/path",
    "/%c3%a9%ff",
    "/private/secret.html",
    "/~user/",
    "/cgi-bin/x?a+b",
    "a",
    "https://user@[::1]:443",
];

/// Words that mean something in a configuration, an expression or a target.
const WORDS: &str = "\
%{REMOTE_ADDR} %{HTTP_COOKIE} %{HTTP:X-Forwarded-For} %{LA-U:REQUEST_URI} %{LA-F:REMOTE_USER} %{ENV:a} %{SSL:b} ${m:$1|d} ${ROOT} \
$0 $1 $9 %1 %9 & \\ \\1 [L] [R] [R=301,L] [F] [G] [N] [N=2] [C] [S=1] [S=99999999999] [NC] [OR] [QSA] [QSD] [PT] [P] [E=a:b] [E=!a] \
[CO=a:b:c] [H=x] [T=y] [END] [B] [BNP] [NE] [DPI] -f -d -s -l -U -F -eq -lt =\"\" <a >=b !  ^(.*)$ ^/(a+)+$ (?i) (?<n>x) \\Q [[:alpha:]] \
on off All None all granted denied from env=a env=!a ip host valid-user user group expr method not .htaccess / // /../ /./ ~ * ? [a-z] \
10.0.0.0/8 10.1 ::1 2001:db8::/32 *:80 _default_:* 255.255.255.255/0 999999999999999999999 -1 0 1 200 301 404 403 500 AllowOverride \
Options=Indexes +Indexes -All Nonfatal=All early always onsuccess set setifempty append merge edit edit* unset add note echo \
< </ > <If> </If> <Else> </Else> <ElseIf> <IfModule> </IfModule> <IfDefine> </IfDefine> <Directory> </Directory> <RequireAll> </RequireAll> \
<Limit> <LimitExcept> <Macro> </Macro> <VirtualHost> </VirtualHost> <Files> <Location> \
&& || ( ) { } , =~ !~ == != -ipmatch -strmatch -fnmatch m#x# s/a/b/g 'a' \"a\" true false in tolower( req( file( sub( split( join( \
%2e %2f %00 %25 %5c %zz % .. . ; : @ # ? \r\n HTTP/1.1 HTTP/0.9 GET HEAD POST OPTIONS TRACE CONNECT redirect: proxy: passthrough: unix: fcgi:// ws:// ldap:// mailto:";

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let path = env::var_os("PHOTODESK_FUZZ_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/access/cases.jsonl"), Into::into);
    fs::read_to_string(path).map_or_else(|_missing| Vec::new(), |text| conformance::read(&text).unwrap())
});

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn words() -> Vec<Vec<u8>> {
    let directives = config::known::names().map(|name| name.as_bytes().to_vec());
    let lines = config::known::names().map(|name| [b"\n", name.as_bytes(), b" "].concat());
    let words = WORDS.split(' ').filter(|w| !w.is_empty()).map(|w| w.as_bytes().to_vec());
    // As often as the names, which are many.
    let words: Vec<_> = words.collect();
    let most = directives.clone().count();
    lines.chain(directives).chain(words.iter().cycle().take(2 * most).cloned()).collect()
}

/// Runs one kind, and says what came of it.
fn all(what: &str, runs: u64, inputs: Vec<Vec<u8>>, target: impl Fn(&[u8], u64) -> Option<u64> + Sync) {
    let plan = Plan {
        runs: number("PHOTODESK_FUZZ_RUNS", runs),
        seed: number("PHOTODESK_FUZZ_SEED", 1),
        threads: number("PHOTODESK_FUZZ_THREADS", 2),
        last: env::var_os("PHOTODESK_FUZZ_LAST").map(Into::into),
    };
    let began = Instant::now();
    let report = fuzz(&Corpus { inputs, words: words() }, &plan, target);
    let seconds = began.elapsed().as_secs_f64();
    println!("{what}: {} runs in {seconds:.0} s, {} outcomes, seed {}", report.runs, report.new, plan.seed);
    for (took, input) in &report.slowest {
        let shown = &input[..input.len().min(if took.as_millis() > 500 { 4000 } else { 100 })];
        println!("  {took:?}: {} bytes: {}", input.len(), shown.escape_ascii());
    }
    let panics: Vec<_> = report.panics.iter().map(|i| i.escape_ascii().to_string()).collect();
    assert!(panics.is_empty(), "{what}: panics on\n{}", panics.join("\n"));
}

fn level(choice: u64) -> Level {
    Level::ALL[(choice % 4) as usize]
}

/// What a message says, its numbers and what it quotes left out.
fn skeleton(message: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let text: String = message.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').take(60).collect();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Which kinds of steps led to which answer.
fn fingerprint(answer: &Answer) -> u64 {
    let mut hasher = DefaultHasher::new();
    (answer.status, answer.verdict.word(), answer.last.status).hash(&mut hasher);
    for Step { event, redirect, subrequest, .. } in answer.steps.iter().take(40) {
        std::mem::discriminant(event).hash(&mut hasher);
        (*redirect > 0, subrequest).hash(&mut hasher);
        match event {
            Event::Section { applies: yes, .. }
            | Event::Pattern { matched: yes, .. }
            | Event::Condition { matched: yes, .. }
            | Event::Test { matched: yes, .. } => yes.hash(&mut hasher),
            Event::Decided(text) => skeleton(text).hash(&mut hasher),
            _ => {}
        }
    }
    hasher.finish()
}

fn start(level: Level) -> Start {
    Start {
        server_root: bed::SERVER_ROOT.into(),
        process_env: vec![("PATH".into(), "/bin".into())],
        names: Some(conformance::names()),
        ..Start::new(level)
    }
}

fn world() -> World {
    World {
        files: files(None),
        names: Some(conformance::names()),
        process_env: vec![("PATH".into(), "/bin".into())],
        owner: Some(("root".into(), "root".into())),
        now: Some(bed::NOW),
    }
}

/// The test bed's files, those of a photo site, some that a configuration may include, and one more.
fn files(more: Option<(&str, &[u8])>) -> Files {
    let own = [
        ("/srv/www/index.html", "x"),
        ("/srv/www/photos/a.jpg", "x"),
        ("/srv/www/private/secret.html", "x"),
        ("/srv/www/private/.htaccess", "Require all denied\n"),
        ("/srv/www/list.txt", "x\n"),
        ("/srv/httpd/conf/map.txt", "a b\nc ${m:$1}\n"),
        ("/srv/httpd/conf/users", "a:{SHA}x\n"),
        ("/srv/httpd/conf/extra/a.conf", "Redirect /x /y\n"),
        ("/srv/httpd/conf/extra/b.conf", "Include conf/extra/*.conf\n"),
    ];
    let file = |(path, content): (&str, &[u8])| (path.into(), Entry { content: content.into(), ..Entry::default() });
    bed::files()
        .into_iter()
        .chain(own.map(|(path, content)| file((path, content.as_bytes()))))
        .chain(more.map(file))
        .collect()
}

static WORLD: LazyLock<World> = LazyLock::new(world);

/// Requests that a made-up configuration is asked about.
static REQUESTS: LazyLock<Vec<Request>> = LazyLock::new(|| {
    let mut requests = Vec::new();
    for (n, target) in TARGETS.iter().enumerate() {
        let client = ["10.1.2.3", "203.0.113.9", "2001:db8:1::77"][n % 3];
        let mut request = Request::get(client.parse().unwrap(), "www.example.com", target);
        request.headers.push(("Cookie".into(), "LtpaToken2=AAECA; x".into()));
        request.headers.push(("X-Forwarded-For".into(), "10.1.2.4, 192.0.2.77".into()));
        request.headers.push(("Authorization".into(), "Basic YTpi".into()));
        requests.push(request);
    }
    requests
});

fn loaded(level: Level, world: &World, text: &[u8]) -> Loaded {
    let base = bed::base(level, true);
    load::load(&start(level), &world.files, base.as_bytes(), bed::CONFIG, text)
}

/// A configuration is read, explained where it is wrong, and asked about one request; sometimes it stands in `.htaccess`, or
/// can include itself.
fn configuration(text: &[u8], choice: u64) -> Option<u64> {
    let level = level(choice);
    let own;
    let mut world = &*WORLD;
    let mut text = text;
    let as_file = (choice >> 8) % 8;
    if as_file < 2 {
        let path = if as_file == 0 { "/srv/www/.htaccess" } else { bed::CONFIG };
        own = World { files: files(Some((path, text))), ..world.clone() };
        world = &own;
        if as_file == 0 {
            text = b"<Directory /srv/www>\nAllowOverride All\n</Directory>\n";
        }
    }
    let loaded = loaded(level, world, text);
    for warning in &loaded.warnings {
        let _shown = warning.show(&loaded.sources, level);
    }
    match loaded.policy {
        Ok(policy) => {
            let request = &REQUESTS[((choice >> 16) % REQUESTS.len() as u64) as usize];
            answered(&policy, world, request, choice)
        }
        Err(problem) => Some(skeleton(&problem.show(&loaded.sources, level))),
    }
}

fn answered(policy: &Policy, world: &World, request: &Request, choice: u64) -> Option<u64> {
    let traced = (choice >> 32).is_multiple_of(2);
    let answer = respond::answer(policy, world, request, if traced { Tracer::on() } else { Tracer::off() });
    traced.then(|| fingerprint(&answer))
}

/// An expression is read as a condition and as a text, and evaluated.
#[expect(clippy::unnecessary_wraps, reason = "as the other targets")]
fn expression(text: &[u8], choice: u64) -> Option<u64> {
    static POLICIES: LazyLock<Vec<Policy>> =
        LazyLock::new(|| Level::ALL.map(|level| loaded(level, &WORLD, b"").policy.unwrap()).into());
    let level = level(choice);
    let policy = &POLICIES[(choice % 4) as usize];
    let options = expr::Options {
        restricted: (choice >> 8).is_multiple_of(4),
        htaccess: (choice >> 10).is_multiple_of(4),
        ..expr::Options::default()
    };
    let is_text = (choice >> 16).is_multiple_of(4);
    let parsed = if is_text { Expr::parse_string(text, options, level) } else { Expr::parse(text, options, level) };
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(message) => return Some(skeleton(&message)),
    };
    let request = &REQUESTS[((choice >> 24) % REQUESTS.len() as u64) as usize];
    let (record, _choice) = wire::record(policy, request);
    let mut run = Run::new(policy, &WORLD, request, Tracer::off());
    let mut captures = expr::Captures::default();
    let mut hasher = DefaultHasher::new();
    match parsed.evaluate(&mut run, &record, &mut captures) {
        Ok(holds) => (holds, captures.spans().len()).hash(&mut hasher),
        Err(unknown) => skeleton(&unknown.reason).hash(&mut hasher),
    }
    if is_text {
        match parsed.text(&run, &record, &captures) {
            Ok(text) => text.len().min(40).hash(&mut hasher),
            Err(unknown) => skeleton(&unknown.reason).hash(&mut hasher),
        }
    }
    Some(hasher.finish())
}

/// A request line is taken apart at its blanks, and asked of one of the recorded configurations.
fn request_line(line: &[u8], choice: u64) -> Option<u64> {
    static POLICIES: LazyLock<Vec<(World, Policy)>> = LazyLock::new(|| {
        let recorded = CASES.iter().flat_map(|case| {
            Level::ALL.map(|level| (case.world(), loaded(level, &case.world(), case.config.as_bytes())))
        });
        let own = CONFIGURATIONS
            .iter()
            .flat_map(|text| Level::ALL.map(|level| (world(), loaded(level, &WORLD, text.as_bytes()))));
        recorded.chain(own).filter_map(|(world, loaded)| Some((world, loaded.policy.ok()?))).collect()
    });
    let (world, policy) = &POLICIES[(choice % POLICIES.len() as u64) as usize];
    let (method, rest) = line.split_once_str(" ").unwrap_or((b"GET", line));
    let (target, version) = rest.rsplit_once_str(" ").unwrap_or((rest, b"HTTP/1.1"));
    let mut request = REQUESTS[((choice >> 24) % REQUESTS.len() as u64) as usize].clone();
    request.method = method.into();
    request.target = target.into();
    request.version = if version == b"HTTP/1.1" { 1001 } else { u16::from(*version.last().unwrap_or(&9)) * 125 };
    if (choice >> 40).is_multiple_of(4) {
        request.headers[0].1 = target.into();
    }
    answered(policy, world, &request, choice)
}

/// What is said of a configuration that can include itself.
fn said_of(text: &str) -> String {
    let files = files(Some((bed::CONFIG, text.as_bytes())));
    let base = bed::base(Level::V2_4_71, true);
    let loaded = load::load(&start(Level::V2_4_71), &files, base.as_bytes(), bed::CONFIG, text.as_bytes());
    loaded.policy.map_or_else(|problem| problem.message, |_| "read".to_owned())
}

#[test]
fn few_lines_that_come_to_many_are_refused() {
    let mut doubling = "Define v0 0123456789abcdef\n".to_owned();
    let mut macros = "<Macro m0>\nRewriteEngine On\nRewriteEngine On\n</Macro>\n".to_owned();
    for n in 1..40 {
        let before = n - 1;
        writeln!(doubling, "Define v{n} ${{v{before}}}${{v{before}}}").unwrap();
        writeln!(macros, "<Macro m{n}>\nUse m{before}\nUse m{before}\n</Macro>").unwrap();
    }
    macros.push_str("Use m39\n");
    let deep = "<IfModule core.c>\n<Directory /a>\n".repeat(250);
    let in_turns = format!("<Macro n>\n{}Use n\n</Macro>\nUse n\n", "<Directory /a>\n".repeat(150));
    for (text, expected) in [
        (doubling.as_str(), "variables grow the text"),
        (&macros, "includes and macros come to more than"),
        (&deep, "sections are nested more than 200 deep"),
        (&in_turns, "sections are nested more than 200 deep"),
        ("<Macro m>\nUse m\nUse m\n</Macro>\nUse m\n", "macros are nested more than 200 deep"),
        ("Include conf/httpd.conf\nInclude conf/httpd.conf\n", "Exceeded maximum include depth of 128"),
        (&"<IfModule core.c>\n".repeat(5000), "sections are nested more than 200 deep"),
        (&"<IfDefine NOT>\n".repeat(5000), "sections are nested more than 200 deep"),
    ] {
        let said = said_of(text);
        assert!(said.contains(expected), "{said}: {}", &text[..text.len().min(60)]);
    }
}

fn configurations(runs: u64) {
    let cases = CASES.iter().map(|case| case.config.as_str());
    let inputs = CONFIGURATIONS.into_iter().chain(cases).map(|text| text.as_bytes().to_vec());
    all("configurations", runs, inputs.collect(), configuration);
}

fn expressions(runs: u64) {
    // What stands in quotes behind `expr`, `<If` and the like.
    let recorded = CASES.iter().flat_map(|case| case.config.lines()).filter_map(|line| {
        let known = ["<If ", "<ElseIf ", "expr", "Expr"].iter().any(|word| line.contains(word));
        let text = line.split_once(['"', ' '])?.1.trim_end_matches(['>', '"']);
        known.then(|| text.as_bytes().to_vec())
    });
    let inputs = EXPRESSIONS.iter().map(|text| text.as_bytes().to_vec()).chain(recorded);
    all("expressions", runs, inputs.collect(), expression);
}

fn request_lines(runs: u64) {
    let own = TARGETS.iter().map(|target| format!("GET {target} HTTP/1.1").into_bytes());
    let recorded = CASES
        .iter()
        .flat_map(|case| &case.requests)
        .map(|r| format!("{} {} HTTP/1.1", r.method, r.target).into_bytes());
    all("request lines", runs, own.chain(recorded).collect(), request_line);
}

#[test]
fn made_up_configurations_are_read_and_asked() {
    configurations(SHORT);
}

#[test]
fn made_up_expressions_are_read_and_evaluated() {
    expressions(SHORT);
}

#[test]
fn made_up_request_lines_are_answered() {
    request_lines(SHORT);
}

#[test]
#[ignore = "ten million runs: tests/fuzz"]
fn fuzz_configurations() {
    configurations(LONG);
}

#[test]
#[ignore = "ten million runs: tests/fuzz"]
fn fuzz_expressions() {
    expressions(LONG);
}

#[test]
#[ignore = "ten million runs: tests/fuzz"]
fn fuzz_request_lines() {
    request_lines(LONG);
}
