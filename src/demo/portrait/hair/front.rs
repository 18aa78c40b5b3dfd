//! Hair that frames the face, and headscarf and turban, drawn last.

use super::{Hair, Style};
use crate::demo::portrait::{
    Head, MIDDLE,
    canvas::{Canvas, Shape},
};

impl Hair {
    pub(in crate::demo::portrait) fn draw_front(&self, canvas: &mut Canvas, head: &Head) {
        match self.style {
            Style::LongStraight | Style::ToNape => self.parted(canvas, head, 0.12, 152.0),
            Style::LongWavy | Style::Bob => self.parted(canvas, head, 0.5, 150.0),
            Style::BobFringe => {
                self.locks(canvas, head);
                self.fringe(canvas, head, head.eyes - 21.0);
            }
            Style::Fringe => self.fringe(canvas, head, head.eyes - 24.0),
            Style::Bun | Style::LowBun | Style::Ponytail => self.pulled_back(canvas, head),
            Style::Braid => self.parted(canvas, head, 0.3, 132.0),
            Style::Curls | Style::LongCurls | Style::ShortCurls => self.curly_hairline(canvas, head),
            Style::Pixie | Style::Swept => self.swept(canvas, head),
            Style::SidePart => self.side_part(canvas, head),
            Style::Crew => self.short(canvas, head, 8.0),
            Style::Buzz => self.short(canvas, head, 2.5),
            Style::Bald => shine(canvas, head),
            Style::Receding => self.receding(canvas, head),
            Style::Quiff => self.quiff(canvas, head),
            Style::Headscarf => self.scarf_edge(canvas, head),
            Style::Turban => self.turban(canvas, head),
        }
    }

    /// Two wings of hair from a parting, in front of the ears down to `down`.
    fn parted(&self, canvas: &mut Canvas, head: &Head, off: f32, down: f32) {
        let (half, top) = (head.half + 9.0 + 5.0 * self.volume, head.top - 12.0 - 5.0 * self.volume);
        let part = head.half * off;
        let low = head.eyes + 4.0;
        let narrow = Shape::from(self.at(part, top + 2.0))
            .curve(self.at(half * 0.8, top + 2.0), self.at(half + 1.0, top + 34.0), self.at(half, down))
            .bow(self.at(half - 6.0, down + 6.0), self.at(head.half - 7.0, down - 4.0))
            .curve(
                self.at(head.half + 2.0, low),
                self.at(head.half - 8.0, head.eyes - 26.0),
                self.at(part, head.top + 14.0),
            );
        canvas.fill(narrow, self.ink);
        let wide = Shape::from(self.at(part + 3.0, top + 2.0))
            .curve(self.at(-half * 0.7, top - 3.0), self.at(-half - 1.0, top + 30.0), self.at(-half, down))
            .bow(self.at(-half + 6.0, down + 6.0), self.at(-head.half + 7.0, down - 4.0))
            .curve(
                self.at(-head.half - 2.0, low),
                self.at(-head.half + 14.0, head.eyes - 22.0),
                self.at(part + 3.0, head.top + 15.0),
            );
        canvas.fill(wide, self.ink.lighter(0.05));
        let strand = Shape::from(self.at(part - 6.0, head.top + 2.0)).curve(
            self.at(-head.half * 0.5, head.top + 4.0),
            self.at(-head.half - 1.0, head.top + 24.0),
            self.at(-head.half - 3.0, head.eyes + 6.0),
        );
        canvas.faint_stroke(strand, self.ink.lighter(0.3), 2.4, 0.35);
    }

    /// Straight hair beside the cheeks.
    fn locks(&self, canvas: &mut Canvas, head: &Head) {
        let (out, down) = (head.half + 10.0 + 5.0 * self.volume, 164.0 + 12.0 * self.length);
        let lock = Shape::from((MIDDLE - out, head.eyes - 20.0))
            .line((MIDDLE - out - 1.0, down))
            .bow((MIDDLE - out + 8.0, down + 6.0), (MIDDLE - head.half + 6.0, down - 2.0))
            .curve(
                (MIDDLE - head.half + 1.0, down - 24.0),
                (MIDDLE - head.half + 2.0, head.eyes + 10.0),
                (MIDDLE - head.half + 9.0, head.eyes - 26.0),
            );
        canvas.fill(lock.mirrored(), self.ink);
    }

    fn fringe(&self, canvas: &mut Canvas, head: &Head, bottom: f32) {
        let (half, top) = (head.half + 6.0 + 4.0 * self.volume, head.top - 11.0 - 5.0 * self.volume);
        let fringe = Shape::from((MIDDLE - half, head.eyes + 2.0))
            .curve((MIDDLE - half, top + 22.0), (MIDDLE - half * 0.66, top), (MIDDLE, top))
            .curve((MIDDLE + half * 0.66, top), (MIDDLE + half, top + 22.0), (MIDDLE + half, head.eyes + 2.0))
            .bow((MIDDLE + head.half, head.eyes - 10.0), (MIDDLE + head.half - 7.0, bottom))
            .bow((MIDDLE + self.side * 8.0, bottom + 7.0), (MIDDLE - head.half + 7.0, bottom))
            .bow((MIDDLE - head.half, head.eyes - 10.0), (MIDDLE - half, head.eyes + 2.0));
        canvas.fill(fringe, self.ink);
        for (x, lean) in [(-26.0, -3.0), (-6.0, 2.0), (15.0, 4.0)] {
            let strand = Shape::from((MIDDLE + x + lean, head.top + 10.0))
                .bow((MIDDLE + x, bottom - 14.0), (MIDDLE + x - lean, bottom - 1.0));
            canvas.faint_stroke(strand, self.ink.darker(0.45), 2.0, 0.35);
        }
    }

    fn pulled_back(&self, canvas: &mut Canvas, head: &Head) {
        let (half, top) = (head.half + 3.5, head.top - 9.0);
        let back = Shape::from((MIDDLE - half, head.eyes + 2.0))
            .curve((MIDDLE - half - 1.0, top + 22.0), (MIDDLE - half * 0.62, top), (MIDDLE, top))
            .curve((MIDDLE + half * 0.62, top), (MIDDLE + half + 1.0, top + 22.0), (MIDDLE + half, head.eyes + 2.0))
            .curve(
                (MIDDLE + head.half - 4.0, head.eyes - 26.0),
                (MIDDLE + head.half * 0.6, head.top + 18.0),
                (MIDDLE, head.top + 15.0),
            )
            .curve(
                (MIDDLE - head.half * 0.6, head.top + 18.0),
                (MIDDLE - head.half + 4.0, head.eyes - 26.0),
                (MIDDLE - half, head.eyes + 2.0),
            );
        canvas.fill(back, self.ink);
        let strand = Shape::from((MIDDLE - head.half + 3.0, head.eyes - 30.0))
            .bow((MIDDLE - 26.0, head.top + 2.0), (MIDDLE - 6.0, head.top - 3.0));
        canvas.faint_stroke(strand.mirrored(), self.ink.lighter(0.3), 2.2, 0.35);
    }

    fn curly_hairline(&self, canvas: &mut Canvas, head: &Head) {
        let mut line = Shape::default();
        let count = 7_u8;
        for number in 0..=count {
            let angle = std::f32::consts::PI * (0.04 + 0.92 * f32::from(number) / f32::from(count));
            let (x, y) =
                (angle.cos() * (head.half - 1.0), head.eyes - 12.0 - angle.sin() * (head.eyes - 17.0 - head.top));
            line.add_oval((MIDDLE + x, y), 12.5, 11.5);
        }
        canvas.fill(line, self.ink);
        for (x, y) in [(-22.0, 4.0), (0.0, -2.0), (22.0, 5.0), (-38.0, 20.0), (38.0, 20.0)] {
            let curl = Shape::from((MIDDLE + x - 6.0, head.top + y))
                .bow((MIDDLE + x, head.top + y - 8.0), (MIDDLE + x + 6.0, head.top + y));
            canvas.faint_stroke(curl, self.ink.lighter(0.35), 2.2, 0.4);
        }
    }

    fn swept(&self, canvas: &mut Canvas, head: &Head) {
        let (half, top) = (head.half + 5.0, head.top - 13.0 - 6.0 * self.volume);
        let swept = Shape::from(self.at(half - 1.0, head.eyes + 3.0))
            .curve(self.at(half + 2.0, top + 24.0), self.at(half * 0.7, top), self.at(6.0, top))
            .curve(self.at(-half * 0.7, top), self.at(-half - 2.0, top + 26.0), self.at(-half + 1.0, head.eyes + 5.0))
            .bow(self.at(-head.half + 2.0, head.eyes - 12.0), self.at(-head.half + 7.0, head.eyes - 24.0))
            .curve(
                self.at(-10.0, head.eyes - 20.0),
                self.at(24.0, head.eyes - 36.0),
                self.at(head.half * 0.62, head.top + 14.0),
            )
            .bow(self.at(head.half - 4.0, head.eyes - 22.0), self.at(half - 1.0, head.eyes + 3.0));
        canvas.fill(swept, self.ink);
        let strand = Shape::from(self.at(-head.half + 12.0, head.eyes - 30.0))
            .bow(self.at(2.0, head.eyes - 36.0), self.at(30.0, head.top + 2.0));
        canvas.faint_stroke(strand, self.ink.lighter(0.3), 2.4, 0.4);
    }

    fn side_part(&self, canvas: &mut Canvas, head: &Head) {
        let (half, top) = (head.half + 3.0, head.top - 10.0 - 4.0 * self.volume);
        let hair = Shape::from(self.at(half, head.eyes - 4.0))
            .curve(self.at(half + 1.0, top + 26.0), self.at(half * 0.75, top + 3.0), self.at(22.0, top + 1.0))
            .curve(self.at(-half * 0.5, top - 8.0), self.at(-half - 4.0, top + 18.0), self.at(-half, head.eyes - 4.0))
            .bow(self.at(-head.half + 4.0, head.eyes - 14.0), self.at(-head.half + 5.0, head.eyes - 32.0))
            .curve(self.at(-20.0, head.top + 22.0), self.at(8.0, head.top + 20.0), self.at(24.0, head.top + 8.0))
            .curve(
                self.at(34.0, head.top + 14.0),
                self.at(head.half - 4.0, head.eyes - 34.0),
                self.at(half, head.eyes - 4.0),
            );
        canvas.fill(hair, self.ink);
        let part =
            Shape::from(self.at(24.0, head.top + 6.0)).bow(self.at(20.0, head.top - 2.0), self.at(23.0, top + 4.0));
        canvas.faint_stroke(part, self.ink.darker(0.5), 2.2, 0.5);
    }

    fn short(&self, canvas: &mut Canvas, head: &Head, height: f32) {
        let (half, top) = (head.half + 1.8, head.top - height);
        let (corner, line) = (head.half * 0.82, head.top + 17.0 + 4.0 * self.length);
        let hair = Shape::from((MIDDLE - half, head.eyes - 2.0))
            .curve((MIDDLE - half, top + 24.0), (MIDDLE - half * 0.72, top), (MIDDLE, top))
            .curve((MIDDLE + half * 0.72, top), (MIDDLE + half, top + 24.0), (MIDDLE + half, head.eyes - 2.0))
            .bow((MIDDLE + head.half - 5.0, head.eyes - 10.0), (MIDDLE + corner, line + 6.0))
            .bow((MIDDLE, line - 5.0), (MIDDLE - corner, line + 6.0))
            .bow((MIDDLE - head.half + 5.0, head.eyes - 10.0), (MIDDLE - half, head.eyes - 2.0));
        canvas.fill(hair, if height < 4.0 { self.ink.towards(head.skin, 0.28) } else { self.ink });
    }

    fn receding(&self, canvas: &mut Canvas, head: &Head) {
        let out = head.half + 4.0;
        let side = Shape::from((MIDDLE - head.half + 7.0, head.eyes - 30.0))
            .curve(
                (MIDDLE - out - 4.0, head.eyes - 34.0),
                (MIDDLE - out - 3.0, head.eyes - 4.0),
                (MIDDLE - out + 1.0, head.eyes + 5.0),
            )
            .bow((MIDDLE - head.half + 5.0, head.eyes - 6.0), (MIDDLE - head.half + 7.0, head.eyes - 30.0));
        canvas.fill(side.mirrored(), self.ink);
        if self.volume > 0.45 {
            let tuft = Shape::from((MIDDLE - 20.0, head.top + 9.0))
                .curve(
                    (MIDDLE - 18.0, head.top - 10.0),
                    (MIDDLE + 18.0, head.top - 10.0),
                    (MIDDLE + 20.0, head.top + 9.0),
                )
                .bow((MIDDLE, head.top + 1.0), (MIDDLE - 20.0, head.top + 9.0));
            canvas.fill(tuft, self.ink);
        }
        shine(canvas, head);
    }

    fn quiff(&self, canvas: &mut Canvas, head: &Head) {
        let (half, top) = (head.half + 2.0, head.top - 21.0 - 8.0 * self.volume);
        let sides = Shape::from((MIDDLE - half, head.eyes - 2.0))
            .curve((MIDDLE - half, head.top + 14.0), (MIDDLE - half * 0.72, head.top - 5.0), (MIDDLE, head.top - 5.0))
            .curve(
                (MIDDLE + half * 0.72, head.top - 5.0),
                (MIDDLE + half, head.top + 14.0),
                (MIDDLE + half, head.eyes - 2.0),
            )
            .bow((MIDDLE + head.half - 4.0, head.eyes - 14.0), (MIDDLE + head.half * 0.8, head.top + 24.0))
            .bow((MIDDLE, head.top + 8.0), (MIDDLE - head.half * 0.8, head.top + 24.0))
            .bow((MIDDLE - head.half + 4.0, head.eyes - 14.0), (MIDDLE - half, head.eyes - 2.0));
        canvas.fill(sides, self.ink.darker(0.1));
        let quiff = Shape::from(self.at(-head.half + 3.0, head.top + 24.0))
            .curve(self.at(-head.half - 8.0, top + 20.0), self.at(-26.0, top), self.at(10.0, top))
            .curve(
                self.at(40.0, top - 2.0),
                self.at(head.half + 6.0, top + 18.0),
                self.at(head.half - 6.0, head.top + 20.0),
            )
            .bow(self.at(6.0, head.top + 3.0), self.at(-head.half + 3.0, head.top + 24.0));
        canvas.fill(quiff, self.ink);
        let strand = Shape::from(self.at(-30.0, head.top + 10.0)).curve(
            self.at(-22.0, top + 12.0),
            self.at(6.0, top + 9.0),
            self.at(30.0, top + 16.0),
        );
        canvas.faint_stroke(strand, self.ink.lighter(0.3), 2.4, 0.4);
    }

    /// The scarf lies close around the face.
    fn scarf_edge(&self, canvas: &mut Canvas, head: &Head) {
        let (half, top, chin) = (head.half - 1.0, head.top + 12.0, head.chin + 3.0);
        let out = head.half + 13.0;
        // Outside one way round, inside the other: what is between them is filled.
        let ring = Shape::from((MIDDLE, head.top - 15.0))
            .curve(
                (MIDDLE + out * 0.78, head.top - 15.0),
                (MIDDLE + out, head.top + 30.0),
                (MIDDLE + out, head.eyes + 14.0),
            )
            .curve((MIDDLE + out, chin - 4.0), (MIDDLE + 36.0, chin + 26.0), (MIDDLE, chin + 28.0))
            .curve((MIDDLE - 36.0, chin + 26.0), (MIDDLE - out, chin - 4.0), (MIDDLE - out, head.eyes + 14.0))
            .curve((MIDDLE - out, head.top + 30.0), (MIDDLE - out * 0.78, head.top - 15.0), (MIDDLE, head.top - 15.0))
            .line((MIDDLE, top))
            .curve((MIDDLE - half * 0.8, top), (MIDDLE - half, top + 24.0), (MIDDLE - half, head.eyes + 2.0))
            .curve((MIDDLE - half + 1.0, chin - 32.0), (MIDDLE - head.jaw * 0.8, chin - 8.0), (MIDDLE, chin - 3.0))
            .curve(
                (MIDDLE + head.jaw * 0.8, chin - 8.0),
                (MIDDLE + half - 1.0, chin - 32.0),
                (MIDDLE + half, head.eyes + 2.0),
            )
            .curve((MIDDLE + half, top + 24.0), (MIDDLE + half * 0.8, top), (MIDDLE, top));
        canvas.fill(ring, self.cloth);
        let fold = Shape::from(self.at(-14.0, head.top - 4.0)).curve(
            self.at(30.0, head.top - 6.0),
            self.at(out - 5.0, head.top + 24.0),
            self.at(out - 6.0, head.eyes + 10.0),
        );
        canvas.faint_stroke(fold, self.cloth.lighter(0.4), 2.6, 0.4);
        let under = Shape::from(self.at(-34.0, chin + 4.0)).curve(
            self.at(-8.0, chin + 22.0),
            self.at(22.0, chin + 18.0),
            self.at(46.0, chin - 20.0),
        );
        canvas.faint_stroke(under, self.cloth.darker(0.45), 2.6, 0.45);
    }

    fn turban(&self, canvas: &mut Canvas, head: &Head) {
        let (half, top) = (head.half + 11.0, head.top - 26.0);
        let line = head.eyes - 22.0;
        let wrap = || {
            Shape::from((MIDDLE - half + 5.0, line + 8.0))
                .curve((MIDDLE - half - 10.0, top + 26.0), (MIDDLE - 40.0, top), (MIDDLE, top))
                .curve((MIDDLE + 40.0, top), (MIDDLE + half + 10.0, top + 26.0), (MIDDLE + half - 5.0, line + 8.0))
                .bow((MIDDLE + 28.0, line - 4.0), (MIDDLE, line - 16.0))
                .bow((MIDDLE - 28.0, line - 4.0), (MIDDLE - half + 5.0, line + 8.0))
        };
        canvas.fill(wrap(), self.cloth);
        canvas.inside(wrap());
        for (rise, shade) in [(0.0, 0.3), (16.0, 0.22), (32.0, 0.16)] {
            let fold = Shape::from(self.at(-half, line - 4.0 - rise))
                .bow(self.at(10.0, top + 8.0 - rise * 0.4), self.at(half, line - 26.0 - rise));
            canvas.faint_stroke(fold, self.cloth.darker(0.6), 3.0, shade + 0.1);
        }
        canvas.everywhere();
    }
}

fn shine(canvas: &mut Canvas, head: &Head) {
    let gleam = Shape::from((MIDDLE - 24.0, head.top + 17.0))
        .bow((MIDDLE - 14.0, head.top + 9.0), (MIDDLE - 2.0, head.top + 8.0));
    canvas.faint_stroke(gleam, head.skin.lighter(0.7), 4.0, 0.6);
}
