//! The program's icon as the window system wants it.
//!
//! Not here: the mark drawn in the rail (`widgets/rail.rs`); the drawing itself is `assets/icon/photodesk.svg`.

use egui::IconData;

const PNG: &[u8] = include_bytes!("../../assets/icon/photodesk-128.png");

/// 128 pixels square; an empty icon would only be seen if the file in the program were broken.
pub fn icon_data() -> IconData {
    let Ok(picture) = image::load_from_memory_with_format(PNG, image::ImageFormat::Png) else {
        return IconData::default();
    };
    let picture = picture.into_rgba8();
    IconData { width: picture.width(), height: picture.height(), rgba: picture.into_raw() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_icon_is_a_blue_tile_with_white_in_it() {
        let icon = super::icon_data();
        assert_eq!((icon.width, icon.height, icon.rgba.len()), (128, 128, 128 * 128 * 4));
        let pixel = |x: usize, y: usize| &icon.rgba[4 * (y * 128 + x)..][..4];
        assert_eq!(pixel(0, 0)[3], 0, "the corner is clear");
        assert!(pixel(64, 12)[2] > 180 && pixel(64, 12)[0] < 80, "blue at the top: {:?}", pixel(64, 12));
        assert_eq!(pixel(64, 30), [255, 255, 255, 255], "white where a blade is");
    }
}
