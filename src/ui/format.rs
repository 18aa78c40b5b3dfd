//! Numbers, sizes, times and durations as they stand on screen.
//!
//! Not here: text written by strangers (`text.rs`).

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

/// With thousands separators: `13,313`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 person`, `412 people`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Bytes, decimal: `812 bytes`, `8.4 KB`, `45 KB`, `1.9 MB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if number < 1_000 {
        return if number == 1 { "1 byte".to_owned() } else { format!("{number} bytes") };
    }
    let mut value = number as f64 / 1_000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 {
        format!("{rounded:.0} {}", UNITS[unit])
    } else {
        format!("{rounded:.1} {}", UNITS[unit])
    }
}

/// Pixels: `240 × 240`.
pub fn pixels(width: u32, height: u32) -> String {
    format!("{width} × {height}")
}

/// A moment as seen from another: `11:42 today`, `4 Nov` in the same year, `2024-11-04` before.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
    if at.date() == now.date() { format!("{} today", at.strftime("%H:%M")) } else { day(&at, &now) }
}

/// The same for a narrow column: `11:42`, `4 Nov`, `2024-11-04`.
pub fn moment_short(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
    if at.date() == now.date() { at.strftime("%H:%M").to_string() } else { day(&at, &now) }
}

fn day(at: &ZonedDateTime, now: &ZonedDateTime) -> String {
    if at.year() == now.year() { at.strftime("%-d %b").to_string() } else { at.strftime("%Y-%m-%d").to_string() }
}

/// Time of day with seconds: `11:59:12`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// The heading above a day's rows: `Today`, `Yesterday`, `4 Nov`, `2024-11-04`.
pub fn day_heading(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
    if at.date() == now.date() {
        "Today".to_owned()
    } else if now.date().yesterday().is_ok_and(|yesterday| yesterday == at.date()) {
        "Yesterday".to_owned()
    } else {
        day(&at, &now)
    }
}

/// How long something took: `34 ms`, `1.2 s`, `21 s`, `3 min 5 s`, `2 h 10 min`.
pub fn duration(took: Duration) -> String {
    let (millis, seconds) = (took.as_millis(), took.as_secs());
    match () {
        () if millis < 1_000 => format!("{millis} ms"),
        () if millis < 9_950 => format!("{:.1} s", took.as_secs_f64()),
        () if seconds < 60 => format!("{:.0} s", took.as_secs_f64()),
        () if seconds < 3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        () => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// What is still to come: `3 s left`, `2 min left`; never more exact than it can be.
pub fn left(remaining: Duration) -> String {
    let seconds = remaining.as_secs_f64().ceil() as u64;
    match seconds {
        0..=1 => "1 s left".to_owned(),
        2..=89 => format!("{seconds} s left"),
        90..=5_399 => format!("{} min left", (seconds + 30) / 60),
        _ => format!("{} h left", (seconds + 1_800) / 3_600),
    }
}
