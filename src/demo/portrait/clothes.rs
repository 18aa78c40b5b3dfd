//! What the demo's people wear, from the shoulders up.

use super::{
    Head, Look, MIDDLE,
    canvas::{Canvas, Ink, Shape},
};
use crate::demo::dice::Dice;

const COLOURS: [Ink; 16] = [
    Ink(0x36_4150),
    Ink(0x27_4B6D),
    Ink(0x5B_5496),
    Ink(0x7B_4660),
    Ink(0x8C_6D3B),
    Ink(0x3F_6B57),
    Ink(0xB9_BDC6),
    Ink(0xB2_533E),
    Ink(0x2F_7A80),
    Ink(0xD9_A441),
    Ink(0x8E_3B46),
    Ink(0xE6_E2DA),
    Ink(0x6B_7F3F),
    Ink(0xC9_7B8E),
    Ink(0x4A_6FA5),
    Ink(0x5A_4A42),
];
const SHIRTS: [Ink; 5] = [Ink(0xFA_FAFB), Ink(0xDD_E8F6), Ink(0xF6_E4E6), Ink(0xE9_EEE3), Ink(0xEC_E7F5)];
const TIES: [Ink; 5] = [Ink(0x8E_2F3C), Ink(0x27_4B6D), Ink(0x3F_6B57), Ink(0x5B_5496), Ink(0x3A_3F48)];

#[derive(Clone, Copy, PartialEq)]
enum Cut {
    Crew,
    VNeck,
    Scoop,
    Turtleneck,
    Shirt,
    Suit { tie: bool },
    Blazer,
    Hoodie,
    Striped,
}

/// A garment and its colours.
pub(super) struct Clothes {
    cut: Cut,
    main: Ink,
    second: Ink,
    tie: Ink,
    necklace: bool,
    half: f32,
}

impl Clothes {
    pub(super) fn new(head: &Head, background: Ink, dice: &mut Dice) -> Self {
        let cut = match head.look {
            Look::Masculine => dice.pick(&[
                Cut::Crew,
                Cut::Crew,
                Cut::VNeck,
                Cut::Turtleneck,
                Cut::Shirt,
                Cut::Shirt,
                Cut::Suit { tie: true },
                Cut::Suit { tie: false },
                Cut::Hoodie,
                Cut::Striped,
            ]),
            Look::Feminine => dice.pick(&[
                Cut::Crew,
                Cut::VNeck,
                Cut::Scoop,
                Cut::Scoop,
                Cut::Turtleneck,
                Cut::Shirt,
                Cut::Blazer,
                Cut::Blazer,
                Cut::Hoodie,
                Cut::Striped,
            ]),
        };
        // Neither the background's own lightness nor the skin's.
        let stands_out =
            |ink: &Ink| (ink.luma() - background.luma()).abs() > 0.12 && (ink.luma() - head.skin.luma()).abs() > 0.08;
        let colours: Vec<Ink> = COLOURS.into_iter().filter(stands_out).collect();
        let main = dice.pick(if colours.is_empty() { &COLOURS } else { &colours });
        let half = if head.look == Look::Masculine { dice.between(86.0, 98.0) } else { dice.between(74.0, 86.0) };
        Self {
            cut,
            main,
            second: dice.pick(&SHIRTS),
            tie: dice.pick(&TIES),
            necklace: head.look == Look::Feminine && dice.chance(30),
            half,
        }
    }

    fn shoulders(&self) -> Shape {
        let half = self.half;
        Shape::from((MIDDLE - 27.0, 196.0))
            .curve((MIDDLE - 44.0, 206.0), (MIDDLE - half + 4.0, 204.0), (MIDDLE - half, 242.0))
            .line((MIDDLE + half, 242.0))
            .curve((MIDDLE + half - 4.0, 204.0), (MIDDLE + 44.0, 206.0), (MIDDLE + 27.0, 196.0))
            .bow((MIDDLE, 214.0), (MIDDLE - 27.0, 196.0))
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, head: &Head) {
        canvas.fill(self.shoulders(), self.main);
        let dark = self.main.darker(0.18);
        match self.cut {
            Cut::Crew => opening(canvas, head, 25.0, 214.0, Some(dark)),
            Cut::Scoop => opening(canvas, head, 33.0, 226.0, None),
            Cut::Striped => {
                self.stripes(canvas);
                opening(canvas, head, 27.0, 214.0, Some(dark));
            }
            Cut::VNeck => v_neck(canvas, head, dark),
            Cut::Turtleneck => self.turtleneck(canvas, dark),
            Cut::Shirt => Self::collar(canvas, head, self.main.lighter(0.14), dark),
            Cut::Suit { tie } => self.suit(canvas, head, tie),
            Cut::Blazer => self.blazer(canvas, head),
            Cut::Hoodie => self.hoodie(canvas, head, dark),
        }
        if self.necklace && matches!(self.cut, Cut::Scoop | Cut::VNeck | Cut::Blazer) {
            let chain = Shape::from((MIDDLE - 20.0, 197.0)).bow((MIDDLE, 228.0), (MIDDLE + 20.0, 197.0));
            canvas.stroke(chain, Ink(0xE3_BC5A), 1.6);
            canvas.fill(Shape::oval((MIDDLE, 213.5), 2.8, 2.8), Ink(0xE3_BC5A));
        }
        // Where the arms begin.
        let fold = Shape::from((MIDDLE - self.half + 20.0, 228.0)).line((MIDDLE - self.half + 23.0, 242.0));
        canvas.faint_stroke(fold.mirrored(), self.main.darker(0.5), 2.0, 0.35);
    }

    fn stripes(&self, canvas: &mut Canvas) {
        canvas.inside(self.shoulders());
        for number in 0_u8..4 {
            let y = 208.0 + 10.0 * f32::from(number);
            let stripe = Shape::from((10.0, y + 8.0)).bow((MIDDLE, y - 6.0), (230.0, y + 8.0));
            canvas.stroke(stripe, self.second, 4.4);
        }
        canvas.everywhere();
    }

    fn turtleneck(&self, canvas: &mut Canvas, dark: Ink) {
        let collar = Shape::from((MIDDLE - 26.0, 184.0))
            .bow((MIDDLE, 198.0), (MIDDLE + 26.0, 184.0))
            .line((MIDDLE + 31.0, 206.0))
            .bow((MIDDLE, 220.0), (MIDDLE - 31.0, 206.0));
        canvas.fill(collar, self.main.lighter(0.06));
        let fold = Shape::from((MIDDLE - 28.0, 200.0)).bow((MIDDLE, 214.0), (MIDDLE + 28.0, 200.0));
        canvas.faint_stroke(fold, dark, 2.4, 0.8);
    }

    fn collar(canvas: &mut Canvas, head: &Head, light: Ink, dark: Ink) {
        let throat = || Shape::from((MIDDLE - 22.0, 190.0)).line((MIDDLE, 223.0)).line((MIDDLE + 22.0, 190.0));
        bare(canvas, head, throat);
        let wing = Shape::from((MIDDLE - 24.0, 189.0))
            .line((MIDDLE - 1.0, 217.0))
            .line((MIDDLE - 20.0, 229.0))
            .line((MIDDLE - 38.0, 201.0))
            .bow((MIDDLE - 32.0, 194.0), (MIDDLE - 24.0, 189.0));
        canvas.fill(wing.mirrored(), light);
        let seam = Shape::from((MIDDLE, 219.0)).line((MIDDLE, 242.0));
        canvas.faint_stroke(seam, dark, 1.8, 0.8);
        canvas.fill(Shape::oval((MIDDLE, 230.0), 1.9, 1.9), dark);
    }

    fn suit(&self, canvas: &mut Canvas, head: &Head, tie: bool) {
        let shirt = Shape::from((MIDDLE - 29.0, 197.0))
            .line((MIDDLE - 6.0, 244.0))
            .line((MIDDLE + 6.0, 244.0))
            .line((MIDDLE + 29.0, 197.0));
        canvas.fill(shirt, self.second);
        Self::collar(canvas, head, self.second.darker(0.05), self.second.darker(0.25));
        if tie {
            let knot = Shape::from((MIDDLE - 6.5, 212.0))
                .line((MIDDLE + 6.5, 212.0))
                .line((MIDDLE + 4.0, 222.0))
                .line((MIDDLE + 8.0, 244.0))
                .line((MIDDLE - 8.0, 244.0))
                .line((MIDDLE - 4.0, 222.0));
            canvas.fill(knot, self.tie);
            let edge = Shape::from((MIDDLE - 4.0, 222.0)).line((MIDDLE + 4.0, 222.0));
            canvas.faint_stroke(edge, self.tie.darker(0.5), 1.4, 0.8);
        }
        self.lapels(canvas);
    }

    fn lapels(&self, canvas: &mut Canvas) {
        let lapel = Shape::from((MIDDLE - 31.0, 196.0))
            .line((MIDDLE - 13.0, 244.0))
            .line((MIDDLE - 36.0, 244.0))
            .line((MIDDLE - 50.0, 222.0))
            .line((MIDDLE - 41.0, 217.0))
            .line((MIDDLE - 46.0, 208.0))
            .bow((MIDDLE - 38.0, 202.0), (MIDDLE - 31.0, 196.0));
        canvas.fill(lapel.mirrored(), self.main.darker(0.16));
    }

    fn blazer(&self, canvas: &mut Canvas, head: &Head) {
        let top = Shape::from((MIDDLE - 29.0, 197.0))
            .line((MIDDLE - 8.0, 244.0))
            .line((MIDDLE + 8.0, 244.0))
            .line((MIDDLE + 29.0, 197.0));
        canvas.fill(top, self.second);
        opening(canvas, head, 23.0, 219.0, None);
        self.lapels(canvas);
    }

    fn hoodie(&self, canvas: &mut Canvas, head: &Head, dark: Ink) {
        let hood = Shape::from((MIDDLE - 28.0, 188.0))
            .curve((MIDDLE - 58.0, 196.0), (MIDDLE - 54.0, 226.0), (MIDDLE, 238.0))
            .curve((MIDDLE + 54.0, 226.0), (MIDDLE + 58.0, 196.0), (MIDDLE + 28.0, 188.0))
            .bow((MIDDLE, 212.0), (MIDDLE - 28.0, 188.0));
        canvas.fill(hood, self.main.lighter(0.08));
        opening(canvas, head, 24.0, 220.0, Some(dark));
        let cord = Shape::from((MIDDLE - 14.0, 217.0)).bow((MIDDLE - 18.0, 230.0), (MIDDLE - 15.0, 240.0));
        canvas.stroke(cord.mirrored(), self.main.lighter(0.6), 2.4);
    }
}

/// A round neckline, with a hem when it has one.
fn opening(canvas: &mut Canvas, head: &Head, half: f32, bottom: f32, hem: Option<Ink>) {
    let deep = 2.0 * bottom - 194.0;
    let edge = || Shape::from((MIDDLE - half, 194.0)).bow((MIDDLE, deep), (MIDDLE + half, 194.0));
    bare(canvas, head, edge);
    if let Some(hem) = hem {
        canvas.stroke(edge(), hem, 5.0);
    }
}

fn v_neck(canvas: &mut Canvas, head: &Head, hem: Ink) {
    let edge = || Shape::from((MIDDLE - 27.0, 194.0)).line((MIDDLE, 229.0)).line((MIDDLE + 27.0, 194.0));
    bare(canvas, head, edge);
    canvas.stroke(edge(), hem, 4.6);
}

/// Skin below the neck, on which the chin's shadow goes on.
fn bare(canvas: &mut Canvas, head: &Head, edge: impl Fn() -> Shape) {
    canvas.fill(edge(), head.skin);
    canvas.inside(edge());
    head.draw_chin_shadow(canvas);
    canvas.everywhere();
}
