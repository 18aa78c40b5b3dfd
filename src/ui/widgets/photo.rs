//! Pictures: pixels to textures, kept within a bound, and what stands where there is none.

use std::{collections::HashMap, hash::Hash};

use egui::{
    ColorImage, Context, Id, Image, Plugin, Response, Role, Sense, TextureHandle, TextureOptions, Ui, Widget,
    WidgetInfo, vec2,
};
use lucide_icons::Icon;

use crate::ui::{paint, tokens::Look};

/// Most bytes of pixels kept on the graphics card.
const MAX_BYTES: usize = 48 << 20;

/// Pixels as a decoder leaves them.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'a> {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Four bytes a pixel, not multiplied with alpha, top row first.
    pub rgba: &'a [u8],
}

/// What stands in a photo's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// Nobody has set one.
    #[default]
    Person,
    /// There is one, and it cannot be shown.
    Broken,
    /// Not fetched yet.
    Waiting,
}

/// A picture of `side` points.
#[must_use = "add it to a ui"]
pub struct Photo<'a> {
    name: &'a str,
    side: f32,
    corner: f32,
    texture: Option<TextureHandle>,
    empty: Empty,
    clickable: bool,
}

impl<'a> Photo<'a> {
    /// `name` is the accessible name: "Photo of Asha Patel".
    pub fn new(name: &'a str, side: f32) -> Self {
        let corner = match side {
            s if s <= 30.0 => 5.0,
            s if s <= 50.0 => 6.0,
            _ => 8.0,
        };
        Self { name, side, corner, texture: None, empty: Empty::Person, clickable: false }
    }

    /// The picture, from [`texture`].
    pub fn texture(mut self, texture: Option<TextureHandle>) -> Self {
        self.texture = texture;
        self
    }

    /// What stands there without one.
    pub fn empty(mut self, empty: Empty) -> Self {
        self.empty = empty;
        self
    }

    /// As a client shows it that cuts photos round.
    pub fn round(mut self) -> Self {
        self.corner = self.side / 2.0;
        self
    }

    /// Can be clicked, to see it large.
    pub fn clickable(mut self) -> Self {
        self.clickable = true;
        self
    }
}

impl Widget for Photo<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = ui.tokens();
        let sense = if self.clickable { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(self.side, self.side), sense);
        let role = if self.clickable { Role::Button } else { Role::Image };
        response.widget_info(|| WidgetInfo::labeled(role, true, self.name));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        if let Some(texture) = &self.texture {
            let [width, height] = texture.size();
            Image::from_texture((texture.id(), rect.size()))
                .uv(centre_square(width, height))
                .corner_radius(self.corner as u8)
                .paint_at(ui, rect);
        } else {
            paint::ground(ui.painter(), rect, self.corner as u8, t.bg_inset, t.border_default);
            let icon = match self.empty {
                Empty::Person => Icon::UserRound,
                Empty::Broken => Icon::ImageOff,
                Empty::Waiting => Icon::Clock,
            };
            let size = (self.side * 0.5).clamp(11.0, 26.0);
            paint::icon(ui.painter(), rect.center(), icon, size, t.text_muted);
        }
        if self.clickable {
            paint::focus_ring(ui, &response, self.corner as u8);
        }
        response
    }
}

/// The part of a picture shown in a square: its middle.
fn centre_square(width: usize, height: usize) -> egui::Rect {
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let side = width.min(height);
    egui::Rect::from_center_size(egui::pos2(0.5, 0.5), vec2(side / width, side / height))
}

/// Textures by key, the longest unused dropped when there are too many.
#[derive(Default)]
struct Textures {
    kept: HashMap<Id, Kept>,
    bytes: usize,
    /// Rises with each use.
    tick: u64,
}

struct Kept {
    texture: TextureHandle,
    bytes: usize,
    used: u64,
}

impl Plugin for Textures {
    fn debug_name(&self) -> &'static str {
        "photo textures"
    }
}

impl Textures {
    fn get(&mut self, key: Id) -> Option<TextureHandle> {
        self.tick += 1;
        let kept = self.kept.get_mut(&key)?;
        kept.used = self.tick;
        Some(kept.texture.clone())
    }

    fn put(&mut self, key: Id, texture: TextureHandle) {
        let [width, height] = texture.size();
        let bytes = width * height * 4;
        while self.bytes + bytes > MAX_BYTES {
            let Some(oldest) = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key) else { break };
            self.drop_key(oldest);
        }
        self.drop_key(key);
        self.bytes += bytes;
        self.kept.insert(key, Kept { texture, bytes, used: self.tick });
    }

    fn drop_key(&mut self, key: Id) {
        if let Some(gone) = self.kept.remove(&key) {
            self.bytes -= gone.bytes;
        }
    }
}

/// The texture of a picture, made at most once for a `key` that stands for these very pixels (a digest, or URL and
/// number of the fetch). `None` when the pixels do not fit their size.
pub fn texture(ctx: &Context, key: impl Hash, pixels: Pixels<'_>) -> Option<TextureHandle> {
    let key = Id::unique(("photo", egui::util::hash(key)));
    let textures = ctx.plugin_or_default::<Textures>();
    if let Some(texture) = textures.lock().get(key) {
        return Some(texture);
    }
    let Pixels { width, height, rgba } = pixels;
    let fits = width > 0 && height > 0 && rgba.len() == width.checked_mul(height)?.checked_mul(4)?;
    let image = fits.then(|| ColorImage::from_rgba_unmultiplied([width, height], rgba))?;
    let texture = ctx.load_texture("photo", image, TextureOptions::LINEAR);
    textures.lock().put(key, texture.clone());
    Some(texture)
}
