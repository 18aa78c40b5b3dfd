//! Portraits of people who do not exist: flat, friendly, and told apart at a glance.
//!
//! A seed decides everything: the shape of the head, hair, beard, glasses, clothes, expression, background. The parts are
//! drawn from back to front. Not here: files (`picture.rs`).

mod canvas;
mod clothes;
mod features;
mod hair;

use self::{
    canvas::{Canvas, Ink, Shape},
    clothes::Clothes,
    features::Features,
    hair::Hair,
};
use super::dice::Dice;

/// Whose face it is: the same three always give the same drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Face {
    pub(super) seed: u64,
    pub(super) look: Look,
    pub(super) tones: Tones,
}

/// Which hair, beards and clothes are likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Look {
    Feminine,
    Masculine,
}

/// Which colours of skin and hair are likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tones {
    Any,
    Fair,
    Olive,
    Warm,
    Deep,
}

/// Decoded pixels, three bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rgb {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) pixels: Vec<u8>,
}

const BACKGROUNDS: [Ink; 10] = [
    Ink(0xDB_D2EE),
    Ink(0xCD_E3E6),
    Ink(0xF1_D3D8),
    Ink(0xC8_D8F1),
    Ink(0xE6_E1C6),
    Ink(0xD2_E8D3),
    Ink(0xF6_DFC6),
    Ink(0xDC_E2EB),
    Ink(0xF3_E3B5),
    Ink(0xCF_DDD6),
];

/// From the fairest to the darkest.
const SKINS: [Ink; 9] = [
    Ink(0xFB_E3D4),
    Ink(0xF6_D5BF),
    Ink(0xEF_C4A4),
    Ink(0xE3_AF88),
    Ink(0xD0_956A),
    Ink(0xB6_7B52),
    Ink(0x97_6040),
    Ink(0x7A_4A30),
    Ink(0x5C_3825),
];

/// What all parts have to agree on; lengths are in units of the canvas.
pub(super) struct Head {
    look: Look,
    skin: Ink,
    /// What lies in the skin's own shadow.
    shade: Ink,
    hair: Ink,
    /// From 0 (young) to 1 (about to retire).
    age: f32,
    /// Half the width at the temples, and at the jaw.
    half: f32,
    jaw: f32,
    top: f32,
    chin: f32,
    /// The height of the eyes.
    eyes: f32,
}

/// The middle line.
const MIDDLE: f32 = 120.0;

impl Face {
    /// Draws the face, `side` pixels wide and high.
    pub(super) fn draw(self, side: u16) -> Rgb {
        let mut dice = Dice::new(self.seed);
        let background = dice.pick(&BACKGROUNDS);
        let head = Head::new(self, &mut dice);
        let hair = Hair::new(&head, &mut dice);
        let clothes = Clothes::new(&head, background, &mut dice);
        let features = Features::new(&head, hair.covers_ears(), &mut dice);
        let Some(mut canvas) = Canvas::new(side, background) else {
            return Rgb { width: 0, height: 0, pixels: Vec::new() };
        };
        canvas.tint(Shape::oval((MIDDLE, 250.0), 150.0, 150.0), background.lighter(0.6), 0.35);
        hair.draw_behind(&mut canvas, &head);
        head.draw_neck(&mut canvas);
        clothes.draw(&mut canvas, &head);
        hair.draw_over_shoulders(&mut canvas, &head);
        features.draw_ears(&mut canvas, &head);
        canvas.fill(head.outline(), head.skin);
        features.draw(&mut canvas, &head);
        hair.draw_front(&mut canvas, &head);
        features.draw_over_hair(&mut canvas, &head);
        canvas.finish(side)
    }
}

impl Head {
    fn new(face: Face, dice: &mut Dice) -> Self {
        let range: (u64, u64) = match face.tones {
            Tones::Any => (0, 9),
            Tones::Fair => (0, 3),
            Tones::Olive => (1, 6),
            Tones::Warm => (0, 4),
            Tones::Deep => (4, 9),
        };
        let tone = range.0 + dice.below(range.1 - range.0);
        let skin = SKINS[usize::try_from(tone).unwrap_or_default()];
        let age = dice.between(0.0, 1.0);
        let masculine = face.look == Look::Masculine;
        let half = dice.between(45.0, 51.0);
        let jaw = half * if masculine { dice.between(0.80, 0.95) } else { dice.between(0.70, 0.86) };
        Self {
            look: face.look,
            skin,
            shade: skin.towards(Ink(0x7A_2E1E), if skin.luma() < 0.45 { 0.16 } else { 0.2 }),
            hair: hair::colour(face.tones, tone, age, dice),
            age,
            half,
            jaw,
            top: dice.between(55.0, 61.0),
            chin: dice.between(172.0, 181.0),
            eyes: dice.between(117.0, 122.0),
        }
    }

    /// The face without ears.
    fn outline(&self) -> Shape {
        let (half, jaw, top, chin) = (self.half, self.jaw, self.top, self.chin);
        let (left, right) = (MIDDLE - half, MIDDLE + half);
        Shape::from((MIDDLE, top))
            .curve((MIDDLE + half * 0.72, top), (right, top + 26.0), (right, self.eyes - 6.0))
            .curve((right, chin - 34.0), (MIDDLE + jaw, chin - 18.0), (MIDDLE + jaw * 0.42, chin - 4.0))
            .curve(
                (MIDDLE + jaw * 0.22, chin + 1.5),
                (MIDDLE - jaw * 0.22, chin + 1.5),
                (MIDDLE - jaw * 0.42, chin - 4.0),
            )
            .curve((MIDDLE - jaw, chin - 18.0), (left, chin - 34.0), (left, self.eyes - 6.0))
            .curve((left, top + 26.0), (MIDDLE - half * 0.72, top), (MIDDLE, top))
    }

    fn draw_neck(&self, canvas: &mut Canvas) {
        let half = if self.look == Look::Masculine { 23.0 } else { 18.5 };
        let neck = || {
            Shape::from((MIDDLE - half, 140.0))
                .line((MIDDLE + half, 140.0))
                .curve((MIDDLE + half, 200.0), (MIDDLE + half + 6.0, 204.0), (MIDDLE + 42.0, 212.0))
                .line((MIDDLE, 236.0))
                .line((MIDDLE - 42.0, 212.0))
                .curve((MIDDLE - half - 6.0, 204.0), (MIDDLE - half, 200.0), (MIDDLE - half, 140.0))
        };
        canvas.fill(neck(), self.skin);
        canvas.inside(neck());
        self.draw_chin_shadow(canvas);
        canvas.everywhere();
    }

    fn draw_chin_shadow(&self, canvas: &mut Canvas) {
        canvas.tint(Shape::oval((MIDDLE, self.chin - 12.0), self.jaw * 0.98, 29.0), self.shade, 0.85);
    }
}

#[cfg(test)]
mod tests {
    use super::{Face, Look, Tones};

    const FACE: Face = Face { seed: 1, look: Look::Feminine, tones: Tones::Fair };

    #[test]
    fn a_face_is_always_the_same_and_no_other_face() {
        assert_eq!(FACE.draw(48), FACE.draw(48));
        assert_ne!(FACE.draw(48), Face { seed: 2, ..FACE }.draw(48));
    }

    #[test]
    fn a_drawing_has_the_size_asked_for() {
        for side in [1, 24, 240] {
            let drawing = FACE.draw(side);
            assert_eq!(drawing.pixels.len(), 3 * usize::from(side) * usize::from(side));
        }
        assert!(FACE.draw(0).pixels.is_empty());
    }
}
