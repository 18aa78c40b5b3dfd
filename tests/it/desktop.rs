//! A display of one's own for the real program: Xvfb on a free number, the program in it, keys pressed by xdotool.
//!
//! Whatever is started here is ended here, by its own process id. Not here: what is done with it (`e2e.rs`,
//! `package.rs`).

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long anything may take that a person would wait for; generous, since tests share the machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How long is waited for a window to come to rest.
const REST: Duration = Duration::from_secs(5);

/// An X server without a screen. Dropping it ends it.
pub struct Display {
    server: Child,
    name: String,
}

/// A running program. Dropping it ends it.
pub struct Program {
    child: Child,
    display: String,
    window: String,
}

/// Whether `tools` are installed. Where they must be (`CI` is set) their absence is a failure, else a printed reason
/// to skip.
pub fn have(tools: &[&str]) -> bool {
    let missing: Vec<_> = tools.iter().filter(|tool| which(tool).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "not installed: {missing:?}; tests/run installs what the tests need");
    println!("skipped: not installed: {missing:?}");
    false
}

/// Where a program is.
pub fn which(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(tool))
        .find(|file| file.is_file())
}

/// Asks `question` again and again until it answers, and fails with `what` when it never does.
pub fn wait_for<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        pause();
    }
}

/// A moment for the others, in which nothing ever comes over this channel.
pub fn pause() {
    let (_sender, receiver) = mpsc::channel::<()>();
    receiver.recv_timeout(Duration::from_millis(50)).unwrap_err();
}

/// Runs a command to its end and gives what it printed.
pub fn output(command: &mut Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text.into_owned())
}

impl Display {
    /// Starts one; the server says on which number once it is ready.
    pub fn start(size: &str) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &format!("{size}x24"), "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { server, name: format!(":{}", number.trim()) }
    }

    /// Starts `program` with a home folder of its own and waits until its window called `title` is shown.
    pub fn open(&self, program: &Path, arguments: &[&str], home: &Path, title: &str) -> Program {
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("DISPLAY", &self.name)
            .env("LANG", "C.UTF-8")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.join("stderr.txt")).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut program = Program { child, display: self.name.clone(), window: String::new() };
        let pid = program.child.id().to_string();
        program.window = wait_for(&format!("a window called {title}"), || {
            if let Some(status) = program.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", fs::read_to_string(home.join("stderr.txt")).unwrap_or_default());
            }
            let search = ["search", "--onlyvisible", "--all", "--pid", &pid, "--name", title];
            let (found, windows) = program.xdotool(search);
            windows.lines().next().filter(|_| found).map(str::to_owned)
        });
        program.xdotool(["windowfocus", "--sync", &program.window]);
        program
    }
}

impl Program {
    /// Presses keys, as `xdotool key` names them.
    pub fn press(&self, keys: &[&str]) {
        for key in keys {
            let (done, said) = self.xdotool(["key", "--clearmodifiers", key]);
            assert!(done, "{key}: {said}");
        }
    }

    /// Types `text`.
    pub fn write(&self, text: &str) {
        let (done, said) = self.xdotool(["type", "--delay", "15", text]);
        assert!(done, "{text}: {said}");
    }

    /// Waits until nothing is under way: for a fifth of a second no thread runs or wants to. A blinking cursor is not
    /// enough to be under way, but on a busy machine it can look like it, so that there is an end to waiting.
    /// Processor time would mislead: on a busy machine the program gets little of it.
    pub fn settle(&self) {
        let (mut quiet, began) = (0, Instant::now());
        while quiet < 4 && began.elapsed() < REST {
            let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
            let mut states = threads.map(|thread| state(&thread.path().join("stat")));
            quiet = if states.all(|state| state != 'R') { quiet + 1 } else { 0 };
            pause();
        }
    }

    /// How often the thread that draws went to sleep so far: a frame cannot be drawn without waking it, and afterwards
    /// it sleeps again.
    pub fn wakeups(&self) -> u64 {
        let pid = self.child.id();
        let status = fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).unwrap_or_default();
        number_after("voluntary_ctxt_switches:", &status)
    }

    /// What the field with the keyboard holds: all of it, selected and copied.
    pub fn field(&self) -> String {
        self.press(&["ctrl+a", "ctrl+c"]);
        self.settle();
        let mut xclip = Command::new("timeout");
        output(xclip.args(["5", "xclip", "-selection", "clipboard", "-o"]).env("DISPLAY", &self.display)).1
    }

    /// Takes a picture of the whole display.
    pub fn picture(&self, to: &Path) {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let mut import = Command::new("import");
        let (done, said) = output(import.args(["-silent", "-window", "root"]).arg(to).env("DISPLAY", &self.display));
        assert!(done, "{said}");
    }

    /// How many different colours a picture of the window has: a window that draws nothing has one or two.
    pub fn colours(&self) -> usize {
        let mut import = Command::new("import");
        let arguments = ["-silent", "-window", &self.window, "-format", "%k", "info:-"];
        output(import.args(arguments).env("DISPLAY", &self.display)).1.trim().parse().unwrap_or(0)
    }

    /// The TCP ports on which the program listens on loopback, from the kernel's tables.
    pub fn listens_on(&self) -> Vec<u16> {
        let folder = format!("/proc/{}/fd", self.child.id());
        let sockets: Vec<String> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        let listening = table.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // local address, state 0A (listening), inode: proc_net_tcp in the kernel's documentation
            let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
            let port = u16::from_str_radix(local.split_once(':')?.1, 16).ok()?;
            (*state == "0A" && sockets.iter().any(|socket| socket == inode)).then_some(port)
        });
        listening.collect()
    }

    /// It still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn xdotool<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> (bool, String) {
        output(Command::new("xdotool").args(arguments).env("DISPLAY", &self.display))
    }
}

/// What a thread is doing: `R` when it runs or wants to, else mostly `S` (proc(5), field 3 of `stat`).
fn state(stat: &Path) -> char {
    let stat = fs::read_to_string(stat).unwrap_or_default();
    stat.rsplit(')').next().unwrap_or_default().trim().chars().next().unwrap_or('S')
}

fn number_after(key: &str, text: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl Drop for Program {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        end(&mut self.server);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    drop(child.kill());
    drop(child.wait());
}
