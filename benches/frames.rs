//! What a frame costs with 100,000 people in the list: while scrolling, and while typing into the search box.
//!
//! `cargo bench --bench frames` lists the people of a demo directory through the real client into the real window, drawn
//! by egui without a display, and prints the processor time of the frames: drawing and tessellating, as the window
//! does on its thread; what the graphics card does, and the threads that fetch photos meanwhile, is not in it.

#![expect(clippy::expect_used, reason = "as in a test: what is not as it should be ends it")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::{sync::Arc, time::Instant};

use egui::{
    Context, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, Vec2, pos2,
    vec2,
};
use photodesk::{
    app::{App, Places, Settings},
    cli::WindowOptions,
    demo::{Demo, DemoOptions},
    journal::Journal,
    model::Clock,
    photo::Cache,
    sites::store::Store,
};

const PEOPLE: usize = 100_000;
const FRAMES: usize = 1_000;
const WINDOW: Vec2 = vec2(1280.0, 800.0);

fn main() {
    // `cargo test` builds and starts this, too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the window's files");
    let demo = Demo::start_with(DemoOptions { people: PEOPLE, ..DemoOptions::default() }).expect("the demo site");
    let places = Places {
        store: Store::at(folder.path()),
        journal: Journal::at(&folder.path().join("journal.jsonl")),
        cache: Arc::new(Cache::none()),
        settings: None,
        clock: Clock::system(),
    };
    let ctx = Context::default();
    let mut window =
        Window { app: App::new(&ctx, places, Settings::default(), WindowOptions::default()), ctx, frame: 0 };
    window.app.open_demo(demo);
    let began = Instant::now();
    while window.app.people().is_none_or(|people| !people.is_idle() || people.rows().len() < PEOPLE) {
        window.frame(Vec::new());
        std::thread::yield_now();
    }
    let people = window.app.people().expect("an open site").people();
    println!("{} people listed in {:.1} s", people.len(), began.elapsed().as_secs_f64());
    println!("bytes a person in the list: {}", people.bytes() / people.len());
    report("scrolling", window.scroll());
    report("typing a filter", window.type_filters());
}

struct Window {
    app: App,
    ctx: Context,
    frame: usize,
}

impl Window {
    /// Milliseconds of processor time that one frame took.
    fn frame(&mut self, events: Vec<Event>) -> f64 {
        self.frame += 1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, WINDOW)),
            time: Some(self.frame as f64 / 60.0),
            focused: true,
            events,
            ..RawInput::default()
        };
        let before = processor_time();
        let app = &mut self.app;
        let output = self.ctx.run_ui(input, |ui| {
            let ctx = ui.ctx().clone();
            app.step(&ctx);
            app.draw(ui);
        });
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        drop(meshes);
        processor_time() - before
    }

    fn scroll(&mut self) -> Vec<f64> {
        self.frame(vec![Event::PointerMoved(pos2(400.0, 400.0))]);
        (0..FRAMES)
            .map(|at| {
                // Up and down, a page and more at a time, across the whole list.
                let delta = vec2(0.0, if at % 400 < 200 { -9_000.0 } else { 9_000.0 });
                self.frame(vec![Event::MouseWheel {
                    unit: MouseWheelUnit::Point,
                    delta,
                    phase: TouchPhase::Move,
                    source: MouseWheelSource::Unknown,
                    modifiers: Modifiers::NONE,
                }])
            })
            .collect()
    }

    fn type_filters(&mut self) -> Vec<f64> {
        let key = |key, modifiers| Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        self.frame(vec![key(Key::F, Modifiers::COMMAND)]);
        self.frame(Vec::new());
        let letters = "maria jose anna li example 4711".chars().collect::<Vec<_>>();
        (0..FRAMES)
            .map(|at| {
                let letter = at / 4 % (letters.len() + 1);
                match (at % 4, letters.get(letter)) {
                    (0, Some(letter)) => self.frame(vec![Event::Text(letter.to_string())]),
                    (0, None) => self.frame(vec![key(Key::A, Modifiers::COMMAND), key(Key::Delete, Modifiers::NONE)]),
                    _ => self.frame(Vec::new()),
                }
            })
            .collect()
    }
}

fn report(what: &str, mut frames: Vec<f64>) {
    frames.sort_by(f64::total_cmp);
    let at = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize];
    println!("{what}: {} frames, median {:.2} ms, 99th percentile {:.2} ms", frames.len(), at(0.5), at(0.99));
    assert!(at(0.99) <= 8.0, "{what}: a frame may take 8 ms");
}

/// Milliseconds that this thread was on a processor.
fn processor_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
