//! Hair, and what is worn over it: its colour, its style, and what of it lies behind the head or over the shoulders.
//!
//! Not here: what frames the face (`front.rs`).

mod front;

use super::{
    Head, Look, MIDDLE, Tones,
    canvas::{Canvas, Ink, Shape},
};
use crate::demo::dice::Dice;

const DARK_HAIR: [Ink; 4] = [Ink(0x26_2223), Ink(0x2E_2523), Ink(0x3B_2A23), Ink(0x1F_1D20)];
const BROWN_HAIR: [Ink; 4] = [Ink(0x4E_3327), Ink(0x63_412C), Ink(0x7A_4E31), Ink(0x8A_5A3A)];
const LIGHT_HAIR: [Ink; 5] = [Ink(0xD6_A95C), Ink(0xE5_C682), Ink(0xB9_863F), Ink(0xB2_5A2E), Ink(0x9A_4326)];
const OLD_HAIR: [Ink; 4] = [Ink(0x8F_959C), Ink(0xA9_AEB3), Ink(0xD3_D5D8), Ink(0x6F_7479)];
const CLOTHS: [Ink; 8] = [
    Ink(0x2F_7A80),
    Ink(0x8E_3B46),
    Ink(0x5B_5496),
    Ink(0x27_4B6D),
    Ink(0xD9_A441),
    Ink(0xC9_7B8E),
    Ink(0x3F_6B57),
    Ink(0xE9_E4DA),
];

#[derive(Clone, Copy, PartialEq)]
enum Style {
    LongStraight,
    LongWavy,
    Bob,
    BobFringe,
    Bun,
    LowBun,
    Ponytail,
    Braid,
    Curls,
    LongCurls,
    Pixie,
    Headscarf,
    SidePart,
    Crew,
    Buzz,
    Bald,
    Receding,
    Quiff,
    Swept,
    ShortCurls,
    Fringe,
    ToNape,
    Turban,
}

/// How the hair is worn.
pub(super) struct Hair {
    style: Style,
    ink: Ink,
    cloth: Ink,
    /// Which side it is parted on: 1 or -1.
    side: f32,
    /// Variation within a style, from 0 to 1.
    volume: f32,
    length: f32,
}

/// What colours go with the skin; grey comes with age.
pub(super) fn colour(tones: Tones, tone: u64, age: f32, dice: &mut Dice) -> Ink {
    let grey = dice.below(100);
    if age > 0.86 && grey < 85 || age > 0.7 && grey < 40 {
        return dice.pick(&OLD_HAIR);
    }
    let roll = dice.below(100);
    match (tones, tone) {
        (_, 6..) => dice.pick(&DARK_HAIR), // brown on brown would hide the face
        (Tones::Warm | Tones::Deep, _) | (_, 5) => {
            if roll < 86 {
                dice.pick(&DARK_HAIR)
            } else {
                dice.pick(&BROWN_HAIR[..2])
            }
        }
        (Tones::Fair, _) | (Tones::Any, 0..2) => match roll {
            0..18 => dice.pick(&DARK_HAIR),
            18..58 => dice.pick(&BROWN_HAIR),
            _ => dice.pick(&LIGHT_HAIR),
        },
        _ => match roll {
            0..48 => dice.pick(&DARK_HAIR),
            48..92 => dice.pick(&BROWN_HAIR),
            _ => dice.pick(&LIGHT_HAIR),
        },
    }
}

impl Hair {
    pub(super) fn new(head: &Head, dice: &mut Dice) -> Self {
        let style = match head.look {
            Look::Feminine => dice.pick(&[
                Style::LongStraight,
                Style::LongStraight,
                Style::LongWavy,
                Style::LongWavy,
                Style::Bob,
                Style::Bob,
                Style::BobFringe,
                Style::Bun,
                Style::Bun,
                Style::LowBun,
                Style::Ponytail,
                Style::Ponytail,
                Style::Braid,
                Style::Curls,
                Style::LongCurls,
                Style::Pixie,
                Style::Headscarf,
            ]),
            Look::Masculine if head.age > 0.72 && dice.chance(50) => {
                dice.pick(&[Style::Bald, Style::Receding, Style::Receding, Style::Buzz])
            }
            Look::Masculine => dice.pick(&[
                Style::SidePart,
                Style::SidePart,
                Style::Crew,
                Style::Crew,
                Style::Buzz,
                Style::Bald,
                Style::Quiff,
                Style::Quiff,
                Style::Swept,
                Style::ShortCurls,
                Style::ShortCurls,
                Style::Fringe,
                Style::ToNape,
                Style::Turban,
            ]),
        };
        // Straight fair curls or a turban on anybody would be odd.
        let style = match style {
            Style::Turban if head.skin.luma() > 0.72 => Style::SidePart,
            other => other,
        };
        Self {
            style,
            ink: head.hair,
            cloth: dice.pick(&CLOTHS),
            side: if dice.chance(50) { 1.0 } else { -1.0 },
            volume: dice.between(0.0, 1.0),
            length: dice.between(0.0, 1.0),
        }
    }

    pub(super) fn covers_ears(&self) -> bool {
        matches!(
            self.style,
            Style::LongStraight
                | Style::LongWavy
                | Style::Bob
                | Style::BobFringe
                | Style::LongCurls
                | Style::Curls
                | Style::Headscarf
                | Style::ToNape
        )
    }

    /// A point whose distance from the middle is counted towards the parting's side.
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (MIDDLE + self.side * x, y)
    }

    pub(super) fn draw_behind(&self, canvas: &mut Canvas, head: &Head) {
        let (top, half) = (head.top - 12.0 - 5.0 * self.volume, head.half + 9.0 + 5.0 * self.volume);
        let behind = self.ink.darker(0.14);
        match self.style {
            Style::LongStraight => canvas.fill(curtain(top, half, 214.0 + 22.0 * self.length, half - 2.0), behind),
            Style::Braid => canvas.fill(curtain(top + 4.0, half - 4.0, 178.0, half - 10.0), behind),
            Style::LongWavy => {
                let waves = curtain(top, half + 2.0, 206.0, half + 6.0);
                canvas.fill(waves, behind);
            }
            Style::Bob | Style::BobFringe => {
                canvas.fill(curtain(top, half + 1.0, 172.0 + 14.0 * self.length, half + 4.0), behind);
            }
            Style::ToNape => canvas.fill(curtain(top + 4.0, half - 4.0, 184.0, half - 8.0), behind),
            Style::Bun => {
                let size = 19.0 + 6.0 * self.volume;
                canvas.fill(Shape::oval((MIDDLE, head.top - 16.0), size, size * 0.92), self.ink.darker(0.08));
                let strand = Shape::from((MIDDLE - size * 0.6, head.top - 18.0))
                    .bow((MIDDLE, head.top - 36.0), (MIDDLE + size * 0.6, head.top - 16.0));
                canvas.faint_stroke(strand, self.ink.darker(0.4), 2.2, 0.5);
            }
            Style::LowBun => {
                canvas.fill(Shape::oval(self.at(head.half - 9.0, 164.0), 21.0, 19.0), behind);
            }
            Style::Ponytail => {
                let tail = Shape::from(self.at(20.0, head.top + 2.0))
                    .curve(
                        self.at(70.0, head.top - 22.0),
                        self.at(head.half + 36.0, 110.0),
                        self.at(head.half + 16.0, 192.0),
                    )
                    .curve(
                        self.at(head.half + 6.0, 196.0),
                        self.at(head.half - 8.0, 176.0),
                        self.at(head.half - 4.0, 120.0),
                    );
                canvas.fill(tail, behind);
            }
            Style::Curls => self.cloud(canvas, head, 13.0 + 12.0 * self.volume, 150.0),
            Style::LongCurls => self.cloud(canvas, head, 14.0 + 8.0 * self.volume, 206.0),
            Style::ShortCurls => self.cloud(canvas, head, 7.0, 84.0),
            Style::Headscarf => {
                let scarf = Shape::from((MIDDLE, head.top - 16.0))
                    .curve((MIDDLE + 46.0, head.top - 16.0), (MIDDLE + half, 90.0), (MIDDLE + half, 140.0))
                    .curve((MIDDLE + half + 4.0, 190.0), (MIDDLE + 50.0, 214.0), (MIDDLE + 62.0, 242.0))
                    .line((MIDDLE - 62.0, 242.0))
                    .curve((MIDDLE - 50.0, 214.0), (MIDDLE - half - 4.0, 190.0), (MIDDLE - half, 140.0))
                    .curve((MIDDLE - half, 90.0), (MIDDLE - 46.0, head.top - 16.0), (MIDDLE, head.top - 16.0));
                canvas.fill(scarf, self.cloth.darker(0.16));
            }
            _ => {}
        }
    }

    /// Round curls along the head, down to `bottom`.
    fn cloud(&self, canvas: &mut Canvas, head: &Head, grow: f32, bottom: f32) {
        let mut cloud =
            Shape::oval((MIDDLE, head.eyes - 14.0), head.half + grow * 0.7, head.eyes - 14.0 - head.top + grow);
        let curl = 13.0 + grow * 0.32;
        for number in 0_u8..15 {
            let angle = std::f32::consts::PI * (f32::from(number) / 14.0);
            let (x, y) = (
                angle.cos() * (head.half + grow * 0.75),
                head.eyes - 14.0 - angle.sin() * (head.eyes - 12.0 - head.top + grow * 0.75),
            );
            cloud.add_oval((MIDDLE + x, y), curl, curl);
        }
        let mut y = head.eyes - 14.0;
        let mut out = 0.0;
        while y < bottom {
            out = if out > 0.0 { 0.0 } else { 4.0 };
            for side in [-1.0, 1.0] {
                cloud.add_oval((MIDDLE + side * (head.half + grow * 0.6 + out - 3.0), y), curl, curl);
            }
            y += curl * 1.1;
        }
        canvas.fill(cloud, self.ink.darker(0.1));
    }

    pub(super) fn draw_over_shoulders(&self, canvas: &mut Canvas, head: &Head) {
        match self.style {
            Style::Headscarf => {
                let drape = Shape::from((MIDDLE - head.half - 8.0, 150.0))
                    .curve((MIDDLE - 54.0, 196.0), (MIDDLE - 40.0, 204.0), (MIDDLE - 66.0, 242.0))
                    .line((MIDDLE + 66.0, 242.0))
                    .curve((MIDDLE + 40.0, 204.0), (MIDDLE + 54.0, 196.0), (MIDDLE + head.half + 8.0, 150.0));
                canvas.fill(drape, self.cloth);
                let fold = Shape::from(self.at(-46.0, 178.0)).curve(
                    self.at(-20.0, 212.0),
                    self.at(20.0, 216.0),
                    self.at(46.0, 226.0),
                );
                canvas.faint_stroke(fold, self.cloth.darker(0.4), 2.6, 0.5);
            }
            Style::LongWavy => {
                let (out, inner) = (head.half + 13.0 + 5.0 * self.volume, head.half - 4.0);
                let wave = Shape::from((MIDDLE - out + 2.0, 126.0))
                    .curve((MIDDLE - out - 10.0, 150.0), (MIDDLE - out + 6.0, 158.0), (MIDDLE - out - 4.0, 178.0))
                    .curve((MIDDLE - out - 10.0, 198.0), (MIDDLE - out + 8.0, 202.0), (MIDDLE - out + 6.0, 220.0))
                    .curve(
                        (MIDDLE - inner - 6.0, 232.0),
                        (MIDDLE - inner + 12.0, 222.0),
                        (MIDDLE - inner + 10.0, 206.0),
                    )
                    .curve((MIDDLE - inner - 6.0, 196.0), (MIDDLE - inner + 12.0, 178.0), (MIDDLE - inner + 4.0, 164.0))
                    .curve((MIDDLE - inner - 4.0, 152.0), (MIDDLE - inner, 140.0), (MIDDLE - inner, 126.0));
                canvas.fill(wave.mirrored(), self.ink);
            }
            Style::LongStraight => {
                // Hair falls in front of the shoulders.
                let bottom = 214.0 + 22.0 * self.length;
                let (out, inner) = (head.half + 9.0 + 5.0 * self.volume, head.half - 6.0);
                let lock = Shape::from((MIDDLE - out, 130.0))
                    .curve(
                        (MIDDLE - out - 2.0, 180.0),
                        (MIDDLE - out + 2.0, bottom - 12.0),
                        (MIDDLE - out + 6.0, bottom),
                    )
                    .bow((MIDDLE - inner - 2.0, bottom + 3.0), (MIDDLE - inner + 6.0, bottom - 14.0))
                    .curve((MIDDLE - inner + 2.0, 186.0), (MIDDLE - inner, 160.0), (MIDDLE - inner, 130.0));
                canvas.fill(lock.mirrored(), self.ink);
            }
            Style::Braid => {
                for number in 0_u8..5 {
                    let step = f32::from(number);
                    let centre = self.at(head.half + 2.0 - step * 1.5, 168.0 + step * 14.0);
                    canvas.fill(
                        Shape::oval(centre, 12.5 - step, 9.5),
                        self.ink.darker(if number % 2 == 0 { 0.0 } else { 0.12 }),
                    );
                }
                canvas.fill(Shape::oval(self.at(head.half - 5.0, 232.0), 8.0, 4.0), self.cloth);
            }
            _ => {}
        }
    }
}

/// Hair that hangs on both sides, from the crown to `bottom`, where it is `foot` wide on each side.
fn curtain(top: f32, half: f32, bottom: f32, foot: f32) -> Shape {
    Shape::from((MIDDLE, top))
        .curve((MIDDLE + half * 0.7, top), (MIDDLE + half, top + 30.0), (MIDDLE + half, top + 66.0))
        .curve(
            (MIDDLE + half + 1.0, bottom - 50.0),
            (MIDDLE + foot + 3.0, bottom - 24.0),
            (MIDDLE + foot - 4.0, bottom),
        )
        .bow((MIDDLE, bottom + 8.0), (MIDDLE - foot + 4.0, bottom))
        .curve((MIDDLE - foot - 3.0, bottom - 24.0), (MIDDLE - half - 1.0, bottom - 50.0), (MIDDLE - half, top + 66.0))
        .curve((MIDDLE - half, top + 30.0), (MIDDLE - half * 0.7, top), (MIDDLE, top))
}
