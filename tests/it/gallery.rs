//! Every widget of `ui::widgets`, in both themes, beside each other: the pictures one looks at when the look changes.

use egui::{Align, Frame, Layout, Ui, vec2};
use egui_kittest::{SnapshotResults, kittest::Queryable as _};
use photodesk::ui::{
    Elide, Icon, Level, Look as _, SiteColour, Text, Type,
    widgets::{
        self, Badge, Button, Checkbox, Chip, EmptyState, Field, KeyCap, Link, Photo, ProblemCard, Tile, Toast, table,
    },
};

use crate::support::pictures;

fn page(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let t = ui.tokens();
    ui.painter().rect_filled(ui.ctx().content_rect(), 0, t.bg_page);
    Frame::new().inner_margin(12).show(ui, content);
}

fn caption(ui: &mut Ui, words: &str) {
    let t = ui.tokens();
    ui.add_space(6.0);
    ui.add(Text::new(words).style(Type::Caption).color(t.text_muted));
}

#[test]
fn controls() {
    pictures::both("gallery-controls", [720.0, 800.0], |ui| {
        page(ui, |ui| {
            caption(ui, "Buttons");
            ui.horizontal(|ui| {
                ui.add(Button::primary("Set photo URL…"));
                ui.add(Button::new("Change many…").icon(Icon::ListChecks));
                ui.add(Button::quiet("Export").icon(Icon::Download));
                ui.add(Button::danger("Remove site…"));
                ui.add(Button::danger_solid("Remove site"));
                ui.add(Button::icon_only(Icon::Ellipsis, "More"));
            });
            ui.horizontal(|ui| {
                let why = "The site is read-only. Unlock it to apply.";
                ui.add(Button::primary("Set photo URL…").disabled_because(why));
                ui.add(Button::new("Change many…").icon(Icon::ListChecks).disabled_because(why));
                ui.add(Button::quiet("Export").icon(Icon::Download).disabled_because(why));
                ui.add(Button::new("Check again").icon(Icon::RefreshCw).small());
                ui.add(Button::new("Cancel").tall());
                ui.add(Button::primary("Write mine").tall());
            });
            caption(ui, "Links, key caps");
            ui.horizontal(|ui| {
                ui.add(Link::new("Undo"));
                ui.add(Link::new("Line 22").style(Type::Body));
                ui.add(KeyCap::new("Ctrl F"));
                ui.add(KeyCap::new("↑"));
                ui.add(KeyCap::new("Esc"));
            });
            caption(ui, "Fields");
            fields(ui);
            caption(ui, "Chips");
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.add(Chip::new("All").count(412).on(true));
                ui.add(Chip::new("No photo URL").count(23));
                ui.add(Chip::new("Broken").count(1_102));
                ui.add(Chip::new("Wrong case").count(0).on(true).closable());
                ui.add(Chip::new("2 more").icon(Icon::Ellipsis));
            });
            caption(ui, "Choices");
            choices(ui);
        });
    });
}

fn fields(ui: &mut Ui) {
    ui.horizontal_top(|ui| {
        let mut empty = String::new();
        let mut words = "münchen".to_owned();
        ui.add(
            Field::search("Search people", &mut empty).placeholder("Search name, mail, uid").key("Ctrl F").width(264.0),
        );
        ui.add(Field::search("Search again", &mut words).width(200.0));
    });
    ui.horizontal_top(|ui| {
        let (mut server, mut secret, mut port) =
            ("dc1.example.com".to_owned(), "not so secret".to_owned(), "63x".to_owned());
        ui.vertical(|ui| {
            ui.set_width(200.0);
            widgets::field_label_ui(ui, "Server");
            ui.add(Field::new("Server", &mut server).mono());
        });
        ui.vertical(|ui| {
            ui.set_width(200.0);
            widgets::field_label_ui(ui, "Password");
            ui.add(Field::secret("Password", &mut secret));
        });
        ui.vertical(|ui| {
            ui.set_width(200.0);
            widgets::field_label_ui(ui, "Port");
            ui.add(Field::new("Port", &mut port).mono().wrong(Some("A port is a number from 1 to 65535")));
        });
    });
    let mut later = String::new();
    let field = Field::new("Search base", &mut later).placeholder("Offered once signed in").width(264.0);
    ui.add(field.disabled_because("Sign in first"));
}

fn choices(ui: &mut Ui) {
    ui.horizontal(|ui| {
        widgets::segments_ui(ui, "Security", &["LDAPS", "StartTLS", "None"], &mut 0, 268.0);
        widgets::select_ui(ui, "Kind of directory", &["Recognised by itself", "Domino"], &mut 0, 220.0);
    });
    let (mut on, mut off) = (true, false);
    ui.add(Checkbox::new(&mut on, "Keep in the system’s credential store"));
    ui.add(Checkbox::new(&mut off, "Show attributes without a value"));
    ui.add_enabled_ui(false, |ui| ui.add(Checkbox::new(&mut on, "Cannot be changed now")));
    ui.horizontal(|ui| {
        widgets::radio_ui(ui, "Only this person", true);
        widgets::radio_ui(ui, "All who match", false);
    });
    for (name, mark) in [("When you looked", None), ("Now in the directory", Some(false)), ("Yours", Some(true))] {
        widgets::radio_card_ui(ui, name, mark, 62.0, |ui| {
            ui.add(Photo::new(&format!("Photo of {name}"), 40.0).empty(widgets::Empty::Broken));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add_space(12.0);
                ui.add(Text::new(name).style(Type::BodyMedium));
                ui.add(
                    Text::new("http://photos.example.com/people/asha.patel@example.com.jpg")
                        .style(Type::Mono)
                        .elide(Elide::Start)
                        .width(240.0),
                );
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Badge::new(Level::Good, "Fits all clients"));
            });
        });
    }
}

#[test]
fn marks_and_cards() {
    pictures::both("gallery-marks", [720.0, 860.0], |ui| {
        page(ui, |ui| {
            caption(ui, "Badges, tiles, steps");
            ui.horizontal(|ui| {
                ui.add(Badge::new(Level::Good, "Shown"));
                ui.add(Badge::new(Level::Weak, "Shown, but 61 KB"));
                ui.add(Badge::new(Level::Bad, "Not found"));
                ui.add(Badge::new(Level::Unknown, "Not checked"));
                ui.add(Badge::new(Level::Unknown, "Waiting").icon(Icon::Clock));
            });
            ui.horizontal(|ui| {
                for level in Level::ALL {
                    ui.add(Tile::new(level, format!("Photo URL: {level:?}")));
                }
                for level in [Some(Level::Good), Some(Level::Bad), Some(Level::Weak), None] {
                    widgets::step_mark_ui(ui, level, false);
                }
                let t = ui.tokens();
                widgets::site_word_ui(ui, t.site(SiteColour::Test), "TEST");
                widgets::site_word_ui(ui, t.site(SiteColour::Production), "PRODUCTION");
                widgets::site_word_ui(ui, t.site("#7637A8".parse().unwrap()), "STAGING");
                widgets::mark_ui(ui, 20.0);
                widgets::mark_ui(ui, 28.0);
                widgets::mark_ui(ui, 48.0);
            });
            caption(ui, "Problems");
            let card =
                ProblemCard::new(Level::Bad, "Capitals in the photo URL, none in the file.").icon(Icon::CaseSensitive);
            card.reason("Notes and Web get 404; Meetings is right.").mend("Set photo URL…").show(ui);
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(340.0);
                    let card = ProblemCard::new(Level::Bad, "dc1.example.com does not answer on port 636.").icon(Icon::PlugZap);
                    card.reason("The name is known (10.44.0.11), but no connection came up within 10 s. Check that a firewall lets this machine through, or try dc2.example.com.").mend("Try again").other("Use dc2").copy_details().show(ui);
                });
                ui.vertical(|ui| {
                    ui.set_width(336.0);
                    ProblemCard::new(Level::Weak, "The photo is 61 KB").reason("Business cards allow 45 KB.").show(ui);
                    ProblemCard::new(Level::Good, "Can be undone").reason("The directory still holds the new value, read just now.").show(ui);
                });
            });
            caption(ui, "Old and new");
            widgets::inset_ui(ui, |ui| {
                ui.set_width(ui.available_width());
                widgets::before_after_ui(
                    ui,
                    Some("http://photos.example.com/Asha.Patel@Example.com.jpg"),
                    Some("http://photos.example.com/asha.patel@example.com.jpg"),
                );
            });
            runs(ui);
        });
    });
}

fn runs(ui: &mut Ui) {
    caption(ui, "Progress");
    widgets::progress_line_ui(ui, "Reading people", Some(0.45), "187 of 412 · 940/s · 1 s left", 120.0);
    widgets::progress_line_ui(ui, "Reading people", None, "187 so far", 120.0);
    caption(ui, "Table");
    table_page(ui);
    caption(ui, "Pages");
    widgets::tabs_ui(ui, "Parts of the person", &[("Places", Some(6)), ("Entry", Some(27)), ("History", None)], &mut 0);
}

fn table_page(ui: &mut Ui) {
    widgets::card_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.horizontal(|ui| {
            ui.allocate_ui(vec2(200.0, 28.0), |ui| {
                table::head_ui(ui, "Name", Align::Min, Some(Some(table::Sorted::Up)))
            });
            ui.allocate_ui(vec2(200.0, 28.0), |ui| table::head_ui(ui, "Mail", Align::Min, Some(None)));
            ui.allocate_ui(vec2(200.0, 28.0), |ui| table::head_ui(ui, "Changed", Align::Max, Some(None)));
        });
        for index in 0..3 {
            table::skeleton_row_ui(ui, 36.0, index);
        }
    });
}

#[test]
fn empty_and_photos() {
    pictures::both("gallery-empty", [720.0, 380.0], |ui| {
        page(ui, |ui| {
            ui.horizontal(|ui| {
                for side in [22.0, 24.0, 48.0, 60.0, 96.0] {
                    ui.add(Photo::new("Nobody’s photo", side));
                    ui.add(Photo::new("Broken photo", side).empty(widgets::Empty::Broken).round());
                }
            });
            let state = EmptyState::new(Icon::SearchX, "Nobody with “münchen” has a wrong case");
            state.sentence("3 people match the words alone.").button("Show the 3").second("Clear search").show(ui);
        });
    });
}

/// Names as they are found in directories, and as they are read.
const NAMES: [(&str, &str); 26] = [
    ("Latin", "Zoë Achterberg, José Luis Fernández, Čeněk Novák, Søren Østergård"),
    ("Vietnamese", "Nguyễn Thị Minh Khai"),
    ("Greek", "Διονύσης Παπαδόπουλος, Ἀριστοτέλης"),
    ("Cyrillic", "Юлия Соколова, Ђорђе, Їжак"),
    ("Arabic", "محمد الأحمد"),
    ("Persian", "می\u{200C}خواهم شیرین"),
    ("Hebrew", "נועה לוי"),
    ("Hebrew, vowels", "שָׁלוֹם"),
    ("Hebrew and Latin", "נועה Levy (לוי) 42"),
    ("Latin and Hebrew", "Dr. נועה לוי, Haifa"),
    ("Arabic and digits", "غرفة 4.12 (الطابق ٣)"),
    ("Chinese", "王小明, 歐陽菲菲"),
    ("Japanese", "佐藤 美咲, ささき たろう, サトウ"),
    ("Korean", "김서연"),
    ("Thai", "สมชาย ใจดี"),
    ("Devanagari", "प्रिया शर्मा"),
    ("Tamil", "கமலா"),
    ("Armenian, Georgian", "Արամ, გიორგი"),
    ("Emoji", "Ada 💻 ❤ 🎉"),
    ("Combining", "cafe\u{301} n\u{303} Z\u{301}\u{323}"),
    ("Override", "photo\u{202E}gpj.exe"),
    ("Controls", "a\0b\u{1B}[31mred\u{7F}\r\n"),
    ("No width", "ad\u{200B}min\u{FEFF}"),
    ("Blank letters", "\u{3164}\u{2800}"),
    ("Many marks", "Z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}algo"),
    ("Unassigned", "\u{378}\u{E000}\u{10FFFF}"),
];

#[test]
fn names_in_all_scripts() {
    pictures::both("gallery-text", [860.0, 1200.0], |ui| {
        page(ui, |ui| {
            let t = ui.tokens();
            ui.spacing_mut().item_spacing.y = 4.0;
            for (what, name) in NAMES {
                ui.horizontal(|ui| {
                    ui.add(Text::new(what).style(Type::Small).color(t.text_muted).width(130.0).fill());
                    ui.add(Text::new(name).style(Type::BodyMedium).width(330.0).fill());
                    ui.add(Text::new(name).style(Type::Mono).width(110.0).fill());
                    ui.add(Text::new(name).style(Type::Section));
                });
            }
            let (dn, url) = (
                "uid=maximiliane.von.hohenstein,ou=People,o=Head office,dc=example,dc=com",
                "http://photos.example.com/people/maximiliane.von.hohenstein@example.com.jpg",
            );
            for (what, text, elide) in [
                ("End", dn, Elide::End),
                ("Middle", dn, Elide::Middle),
                ("Start", url, Elide::Start),
                ("Middle, Arabic", "محمد بن عبد الله بن عبد المطلب الهاشمي", Elide::Middle),
                ("End, Hebrew", "נועה לוי מהמשרד הראשי בתל אביב יפו", Elide::End),
            ] {
                ui.horizontal(|ui| {
                    ui.add(Text::new(what).style(Type::Small).color(t.text_muted).width(130.0).fill());
                    for width in [200.0, 300.0, 120.0] {
                        ui.add(Text::new(text).style(Type::Mono).elide(elide).width(width).fill());
                    }
                });
            }
            let long = format!("{} end", "Maximiliane ".repeat(17));
            let hebrew = "נועה לוי היא מנהלת הדואר של Example Ltd. בתל אביב, והתמונה שלה היא 240 × 240.";
            ui.horizontal_top(|ui| {
                ui.add(Text::new(long).style(Type::Small).elide(Elide::Wrap).width(300.0).fill());
                ui.add(Text::new(hebrew).style(Type::Small).elide(Elide::Wrap).width(220.0).right());
            });
        });
    });
}

#[test]
fn a_dialog_over_a_page() {
    pictures::both("gallery-dialog", [760.0, 520.0], |ui| {
        page(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(152.0);
                    for (icon, label, on, dot) in
                        [(Icon::Users, "People", true, false), (Icon::History, "Activity", false, true)]
                    {
                        widgets::rail_item_ui(ui, icon, label, on, dot, true);
                    }
                });
                ui.vertical(|ui| {
                    ui.set_width(36.0);
                    widgets::rail_item_ui(ui, Icon::Users, "People", true, false, false);
                    widgets::rail_item_ui(ui, Icon::History, "Activity", false, true, false);
                });
            });
        });
        let dialog =
            widgets::Dialog::new("Set photo URL", "Set photo URL").foot("Nothing is written yet. It can be undone.");
        dialog.show(ui.ctx(), |ui| {
            let t = ui.tokens();
            widgets::field_label_ui(ui, "New address");
            let mut url = "http://photos.example.com/asha.patel@example.com.jpg".to_owned();
            ui.add(Field::new("New address", &mut url).mono());
            ui.add_space(6.0);
            widgets::inset_ui(ui, |ui| {
                ui.set_width(ui.available_width());
                widgets::before_after_ui(ui, None, Some(&url));
            });
            for (words, right) in
                [("Answers 200 with a JPEG", "34 ms"), ("240 × 240, 8.4 KB, under 10 KB", "fits all clients")]
            {
                ui.horizontal(|ui| {
                    widgets::step_mark_ui(ui, Some(Level::Good), false);
                    ui.add(Text::new(words));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        ui.add(Text::new(right).style(Type::Small).color(t.text_muted));
                    });
                });
            }
        });
    });
}

#[test]
fn a_menu_and_a_toast() {
    let draw = |ui: &mut Ui| {
        page(ui, |ui| {
            ui.horizontal(|ui| {
                let more = ui.add(Button::icon_only(Icon::Ellipsis, "More"));
                widgets::menu_ui(&more, 220.0, |ui| {
                    widgets::item_ui(ui, Some(Icon::Copy), "Copy photo URL", Some("Ctrl Shift C"));
                    widgets::item_ui(ui, Some(Icon::ExternalLink), "Open in browser", None);
                    widgets::menu_line_ui(ui);
                    ui.add_enabled_ui(false, |ui| widgets::item_ui(ui, Some(Icon::Trash2), "Remove photo URL…", None));
                });
                ui.add_space(230.0);
                let kinds = ["Recognised by itself", "Active Directory", "Domino"];
                widgets::select_ui(ui, "Kind of directory", &kinds, &mut 1, 200.0);
            });
        });
        Toast::new("Photo URL of Asha Patel set").action("Undo").show(ui.ctx());
    };
    let mut results = SnapshotResults::new();
    for (name, opened) in [("gallery-menu", "More"), ("gallery-select", "Kind of directory")] {
        results.extend(pictures::both_after(name, [560.0, 240.0], draw, |window| {
            window.get_by_label(opened).click();
            window.run_ok();
        }));
    }
    results.unwrap();
}

#[test]
fn focus_from_the_keyboard() {
    let draw = |ui: &mut Ui| {
        page(ui, |ui| {
            ui.horizontal(|ui| {
                let mut text = "Asha".to_owned();
                ui.add(Field::search("Search people", &mut text).width(200.0));
                ui.add(Button::primary("Explore the demo site"));
                ui.add(Chip::new("Broken").count(11));
                ui.add(Link::new("Undo"));
            });
        });
    };
    let mut results = SnapshotResults::new();
    for (name, tabs) in
        [("gallery-focus-field", 1), ("gallery-focus-clear", 2), ("gallery-focus-button", 3), ("gallery-focus-chip", 4)]
    {
        results.extend(pictures::both_after(name, [560.0, 64.0], draw, |window| {
            for _ in 0..tabs {
                window.key_press(egui::Key::Tab);
                window.run_ok();
            }
        }));
    }
    results.unwrap();
}
