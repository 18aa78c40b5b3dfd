//! Ears, eyes, brows, nose, mouth, beard, glasses: what makes a face that face.

use super::{
    Head, Look, MIDDLE,
    canvas::{Canvas, Ink, Shape},
};
use crate::demo::dice::Dice;

const DARK: Ink = Ink(0x2A_211F);
const FRAMES: [Ink; 6] =
    [Ink(0x2B_2B30), Ink(0x5B_3A29), Ink(0x8A_2F3C), Ink(0x27_4B6D), Ink(0xB9_9A5B), Ink(0x6B_6F76)];
const LIPS: [Ink; 5] = [Ink(0xC2_5B5E), Ink(0xB5_4A55), Ink(0xA8_4A3F), Ink(0xCF_7A74), Ink(0x9C_3D4E)];
const JEWELS: [Ink; 3] = [Ink(0xE3_BC5A), Ink(0xF2_F2F4), Ink(0x3E_8E8A)];

#[derive(Clone, Copy, PartialEq)]
enum Eyes {
    Open,
    Round,
    Smiling,
    Lidded,
}

#[derive(Clone, Copy, PartialEq)]
enum Mouth {
    Smile,
    Wide,
    Laugh,
    Crooked,
    Small,
}

#[derive(Clone, Copy, PartialEq)]
enum Beard {
    None,
    Stubble,
    Full,
    Short,
    Goatee,
    Moustache,
}

#[derive(Clone, Copy, PartialEq)]
enum Glasses {
    None,
    Round,
    Square,
    Wide,
    HalfRim,
}

/// The parts of one face.
pub(super) struct Features {
    eyes: Eyes,
    mouth: Mouth,
    beard: Beard,
    glasses: Glasses,
    frame: Ink,
    lips: Option<Ink>,
    lashes: bool,
    brow: f32,
    brow_tilt: f32,
    nose: u64,
    apart: f32,
    freckles: bool,
    earring: Option<Ink>,
    ears: bool,
}

impl Features {
    pub(super) fn new(head: &Head, ears_covered: bool, dice: &mut Dice) -> Self {
        let masculine = head.look == Look::Masculine;
        let beard = if masculine && dice.chance(48) {
            dice.pick(&[
                Beard::Stubble,
                Beard::Stubble,
                Beard::Full,
                Beard::Short,
                Beard::Short,
                Beard::Goatee,
                Beard::Moustache,
            ])
        } else {
            Beard::None
        };
        let glasses = if dice.chance(28) {
            dice.pick(&[Glasses::Round, Glasses::Round, Glasses::Square, Glasses::Wide, Glasses::HalfRim])
        } else {
            Glasses::None
        };
        Self {
            eyes: dice.pick(&[Eyes::Open, Eyes::Open, Eyes::Open, Eyes::Round, Eyes::Smiling, Eyes::Lidded]),
            mouth: dice.pick(&[
                Mouth::Smile,
                Mouth::Smile,
                Mouth::Wide,
                Mouth::Wide,
                Mouth::Laugh,
                Mouth::Crooked,
                Mouth::Small,
            ]),
            beard,
            glasses,
            frame: dice.pick(&FRAMES),
            lips: (!masculine && dice.chance(55)).then(|| dice.pick(&LIPS)),
            lashes: !masculine && dice.chance(70),
            brow: if masculine { dice.between(3.6, 5.2) } else { dice.between(2.4, 3.6) },
            brow_tilt: dice.between(-2.5, 0.8),
            nose: dice.below(4),
            apart: dice.between(19.5, 23.0),
            freckles: head.skin.luma() > 0.72 && dice.chance(16),
            earring: (!masculine && !ears_covered && dice.chance(55)).then(|| dice.pick(&JEWELS)),
            ears: !ears_covered,
        }
    }

    pub(super) fn draw_ears(&self, canvas: &mut Canvas, head: &Head) {
        if !self.ears {
            return;
        }
        let x = MIDDLE - head.half - 1.0;
        canvas.fill(Shape::oval((x, head.eyes + 7.0), 8.5, 13.0).mirrored(), head.skin);
        let fold = Shape::from((x - 3.0, head.eyes)).bow((x - 6.0, head.eyes + 8.0), (x, head.eyes + 13.0));
        canvas.faint_stroke(fold.mirrored(), head.shade, 2.4, 0.9);
        if let Some(jewel) = self.earring {
            canvas.fill(Shape::oval((x - 1.0, head.eyes + 22.0), 3.4, 3.4).mirrored(), jewel);
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, head: &Head) {
        self.draw_skin(canvas, head);
        self.draw_beard(canvas, head);
        self.draw_nose(canvas, head);
        self.draw_mouth(canvas, head);
        self.draw_eyes(canvas, head);
        self.draw_brows(canvas, head);
    }

    /// Blush, freckles, and what the years leave.
    fn draw_skin(&self, canvas: &mut Canvas, head: &Head) {
        canvas.inside(head.outline());
        let blush = if head.skin.luma() > 0.55 { Ink(0xEE_8C7E) } else { Ink(0xA8_4A38) };
        canvas.tint(Shape::oval((MIDDLE - 30.0, head.eyes + 25.0), 12.0, 8.5).mirrored(), blush, 0.26);
        if self.freckles {
            for (x, y) in [(-36.0, 19.0), (-30.0, 22.0), (-24.0, 18.0), (-28.0, 27.0), (-34.0, 26.0)] {
                let freckle = Shape::oval((MIDDLE + x, head.eyes + y), 1.3, 1.3);
                canvas.tint(freckle.mirrored(), Ink(0xA8_623C), 0.6);
            }
        }
        if head.age > 0.78 {
            let line = Shape::from((MIDDLE - 25.0, head.eyes + 30.0))
                .bow((MIDDLE - 29.0, head.eyes + 36.0), (MIDDLE - 27.0, head.eyes + 42.0));
            canvas.faint_stroke(line.mirrored(), head.shade, 2.0, 0.8);
        }
        canvas.everywhere();
    }

    fn draw_eyes(&self, canvas: &mut Canvas, head: &Head) {
        let (x, y) = (MIDDLE - self.apart, head.eyes);
        let ink = if head.skin.luma() < 0.4 { Ink(0x17_100E) } else { DARK };
        match self.eyes {
            Eyes::Open => {
                canvas.fill(Shape::oval((x, y), 4.4, 5.4).mirrored(), ink);
                canvas.tint(Shape::oval((x + 1.4, y - 1.9), 1.4, 1.4), Ink(0xFF_FFFF), 0.9);
                canvas.tint(Shape::oval((2.0 * MIDDLE - x + 1.4, y - 1.9), 1.4, 1.4), Ink(0xFF_FFFF), 0.9);
            }
            Eyes::Round => canvas.fill(Shape::oval((x, y), 4.2, 4.6).mirrored(), ink),
            Eyes::Smiling => {
                let arc = Shape::from((x - 7.0, y + 2.5)).bow((x, y - 7.5), (x + 7.0, y + 2.5));
                canvas.stroke(arc.mirrored(), ink, 3.2);
            }
            Eyes::Lidded => {
                canvas.fill(Shape::oval((x, y + 0.5), 4.4, 4.8).mirrored(), ink);
                let lid = Shape::from((x - 7.5, y - 1.5)).bow((x, y - 7.0), (x + 7.5, y - 2.5));
                canvas.stroke(lid.mirrored(), head.shade.darker(0.35), 2.2);
            }
        }
        if self.lashes && self.eyes != Eyes::Smiling {
            let lash = Shape::from((x - 4.2, y - 3.6)).bow((x - 6.0, y - 5.0), (x - 8.2, y - 5.2));
            canvas.stroke(lash.mirrored(), ink, 2.0);
        }
    }

    fn draw_brows(&self, canvas: &mut Canvas, head: &Head) {
        let (x, y) = (MIDDLE - self.apart, head.eyes - 16.0);
        // White hair still needs a brow that can be seen, and so does fair hair on fair skin.
        let ink = head.hair.towards(DARK, if head.hair.luma() > 0.55 { 0.35 } else { 0.1 });
        let brow = Shape::from((x - 11.0, y + 3.0 - self.brow_tilt))
            .bow((x - 1.0, y - 5.0), (x + 10.0, y + 1.5 + self.brow_tilt));
        canvas.stroke(brow.mirrored(), ink, self.brow);
    }

    fn draw_nose(&self, canvas: &mut Canvas, head: &Head) {
        let (y, ink) = (head.eyes + 18.0, head.shade);
        let nose = match self.nose {
            0 => Shape::from((MIDDLE - 5.0, y + 3.0)).bow((MIDDLE, y + 8.0), (MIDDLE + 5.0, y + 3.0)),
            1 => Shape::from((MIDDLE + 1.0, y - 10.0)).bow((MIDDLE + 8.0, y + 5.0), (MIDDLE - 2.0, y + 5.5)),
            2 => Shape::from((MIDDLE - 7.0, y + 2.0)).curve(
                (MIDDLE - 3.0, y + 8.0),
                (MIDDLE + 3.0, y + 8.0),
                (MIDDLE + 7.0, y + 2.0),
            ),
            _ => Shape::from((MIDDLE - 1.0, y - 6.0)).bow((MIDDLE - 8.0, y + 5.0), (MIDDLE + 2.0, y + 5.5)),
        };
        canvas.stroke(nose, ink, 3.0);
    }

    fn draw_mouth(&self, canvas: &mut Canvas, head: &Head) {
        let y = head.eyes + (head.chin - head.eyes) * 0.635;
        let line = self.lips.unwrap_or_else(|| {
            head.shade.towards(Ink(0x7A_2A24), 0.55).darker(if head.skin.luma() < 0.45 { 0.35 } else { 0.0 })
        });
        match self.mouth {
            Mouth::Smile => {
                canvas.stroke(Shape::from((MIDDLE - 13.0, y)).bow((MIDDLE, y + 11.0), (MIDDLE + 13.0, y)), line, 3.4);
            }
            Mouth::Small => {
                canvas.stroke(
                    Shape::from((MIDDLE - 9.0, y + 1.0)).bow((MIDDLE, y + 7.0), (MIDDLE + 9.0, y + 1.0)),
                    line,
                    3.6,
                );
            }
            Mouth::Crooked => {
                canvas.stroke(
                    Shape::from((MIDDLE - 10.0, y + 3.0)).bow((MIDDLE + 4.0, y + 8.5), (MIDDLE + 13.0, y - 1.5)),
                    line,
                    3.4,
                );
            }
            Mouth::Wide => {
                let open = Shape::from((MIDDLE - 15.0, y - 1.0))
                    .bow((MIDDLE, y + 1.5), (MIDDLE + 15.0, y - 1.0))
                    .curve((MIDDLE + 12.0, y + 12.5), (MIDDLE - 12.0, y + 12.5), (MIDDLE - 15.0, y - 1.0));
                canvas.fill(open, Ink(0xFF_FBF7));
                let lips = Shape::from((MIDDLE - 15.5, y - 1.0)).curve(
                    (MIDDLE - 12.0, y + 13.0),
                    (MIDDLE + 12.0, y + 13.0),
                    (MIDDLE + 15.5, y - 1.0),
                );
                canvas.stroke(lips, line, 3.0);
                let upper = Shape::from((MIDDLE - 15.5, y - 1.0)).bow((MIDDLE, y + 1.5), (MIDDLE + 15.5, y - 1.0));
                canvas.stroke(upper, line, 2.4);
            }
            Mouth::Laugh => {
                let open = || {
                    Shape::from((MIDDLE - 14.5, y - 2.0)).bow((MIDDLE, y + 0.5), (MIDDLE + 14.5, y - 2.0)).curve(
                        (MIDDLE + 12.0, y + 17.0),
                        (MIDDLE - 12.0, y + 17.0),
                        (MIDDLE - 14.5, y - 2.0),
                    )
                };
                canvas.fill(open(), Ink(0x73_2631));
                canvas.inside(open());
                canvas.fill(Shape::oval((MIDDLE, y - 3.0), 16.0, 7.0), Ink(0xFF_FBF7));
                canvas.fill(Shape::oval((MIDDLE, y + 14.5), 9.0, 5.5), Ink(0xD9_6B6B));
                canvas.everywhere();
                if let Some(lips) = self.lips {
                    canvas.stroke(open(), lips, 2.2);
                }
            }
        }
    }

    fn draw_beard(&self, canvas: &mut Canvas, head: &Head) {
        let mouth = head.eyes + (head.chin - head.eyes) * 0.635;
        let ink = head.hair.towards(DARK, 0.12);
        let (half, chin) = (head.half, head.chin);
        // From ear to ear, leaving the mouth free.
        let around = |grow: f32, cheek: f32| {
            Shape::from((MIDDLE - half - 2.0, head.eyes + 8.0))
                .curve(
                    (MIDDLE - half - 2.0, chin - 20.0),
                    (MIDDLE - head.jaw - 2.0, chin - 4.0 + grow),
                    (MIDDLE, chin + 2.0 + grow),
                )
                .curve(
                    (MIDDLE + head.jaw + 2.0, chin - 4.0 + grow),
                    (MIDDLE + half + 2.0, chin - 20.0),
                    (MIDDLE + half + 2.0, head.eyes + 8.0),
                )
                .curve(
                    (MIDDLE + half - 8.0, head.eyes + 20.0 + cheek),
                    (MIDDLE + 30.0, mouth - 10.0 + cheek),
                    (MIDDLE + 17.0, mouth - 9.0),
                )
                .bow((MIDDLE, mouth - 13.0), (MIDDLE - 17.0, mouth - 9.0))
                .curve(
                    (MIDDLE - 30.0, mouth - 10.0 + cheek),
                    (MIDDLE - half + 8.0, head.eyes + 20.0 + cheek),
                    (MIDDLE - half - 2.0, head.eyes + 8.0),
                )
        };
        match self.beard {
            Beard::None => {}
            Beard::Stubble => {
                canvas.inside(head.outline());
                canvas.tint(around(0.0, 4.0), ink, 0.22);
                canvas.everywhere();
            }
            Beard::Short => {
                canvas.inside(head.outline());
                canvas.fill(around(0.0, 8.0), ink);
                canvas.everywhere();
                self.lip_gap(canvas, head, mouth);
            }
            Beard::Full => {
                canvas.fill(around(9.0, 4.0), ink);
                self.lip_gap(canvas, head, mouth);
            }
            Beard::Goatee => {
                let goatee = Shape::from((MIDDLE - 19.0, mouth - 5.0))
                    .bow((MIDDLE, mouth - 14.0), (MIDDLE + 19.0, mouth - 5.0))
                    .curve((MIDDLE + 21.0, chin + 2.0), (MIDDLE + 10.0, chin + 5.0), (MIDDLE, chin + 5.0))
                    .curve((MIDDLE - 10.0, chin + 5.0), (MIDDLE - 21.0, chin + 2.0), (MIDDLE - 19.0, mouth - 5.0));
                canvas.fill(goatee, ink);
                self.lip_gap(canvas, head, mouth);
            }
            Beard::Moustache => {
                let half = Shape::from((MIDDLE, mouth - 8.0))
                    .curve((MIDDLE - 10.0, mouth - 14.0), (MIDDLE - 18.0, mouth - 6.0), (MIDDLE - 22.0, mouth - 1.0))
                    .curve((MIDDLE - 14.0, mouth + 1.0), (MIDDLE - 6.0, mouth - 2.0), (MIDDLE, mouth - 4.0));
                canvas.fill(half.mirrored(), ink);
            }
        }
    }

    /// Skin around the mouth, without which a beard swallows it.
    fn lip_gap(&self, canvas: &mut Canvas, head: &Head, mouth: f32) {
        let (across, down) = if matches!(self.mouth, Mouth::Wide | Mouth::Laugh) { (18.5, 9.5) } else { (15.5, 7.0) };
        canvas.fill(Shape::oval((MIDDLE, mouth + 4.0), across, down), head.skin.towards(head.shade, 0.25));
    }

    pub(super) fn draw_over_hair(&self, canvas: &mut Canvas, head: &Head) {
        let (x, y) = (MIDDLE - self.apart - 0.5, head.eyes + 1.5);
        let (across, down, width) = match self.glasses {
            Glasses::None => return,
            Glasses::Round => (15.5, 15.5, 3.0),
            Glasses::Square => (16.0, 13.0, 3.6),
            Glasses::Wide => (17.5, 12.5, 2.6),
            Glasses::HalfRim => (16.5, 12.0, 3.4),
        };
        let lens = || match self.glasses {
            Glasses::Round => Shape::oval((x, y), across, down),
            _ => Shape::from((x - across, y - down * 0.8))
                .curve((x - across, y - down), (x + across, y - down), (x + across, y - down * 0.8))
                .curve((x + across, y + down * 0.9), (x + across * 0.7, y + down), (x, y + down))
                .curve((x - across * 0.8, y + down), (x - across, y + down * 0.8), (x - across, y - down * 0.8)),
        };
        canvas.tint(lens().mirrored(), Ink(0xFF_FFFF), 0.16);
        if self.glasses == Glasses::HalfRim {
            let rim = Shape::from((x - across, y)).curve(
                (x - across, y - down - 1.0),
                (x + across, y - down - 1.0),
                (x + across, y),
            );
            canvas.stroke(rim.mirrored(), self.frame, width);
            canvas.faint_stroke(lens().mirrored(), self.frame, 1.0, 0.6);
        } else {
            canvas.stroke(lens().mirrored(), self.frame, width);
        }
        let bridge = Shape::from((x + across, y - 3.0)).bow((MIDDLE, y - 7.0), (2.0 * MIDDLE - x - across, y - 3.0));
        canvas.stroke(bridge, self.frame, width);
        let temple = Shape::from((x - across, y - 5.0)).line((MIDDLE - head.half - 2.0, y - 7.0));
        canvas.stroke(temple.mirrored(), self.frame, width);
    }
}
