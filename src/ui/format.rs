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
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
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
    let millis = took.as_millis();
    let seconds = took.as_secs_f64().round() as u64;
    match () {
        () if millis < 1_000 => format!("{millis} ms"),
        () if millis < 9_950 => format!("{:.1} s", took.as_secs_f64()),
        () if seconds < 60 => format!("{seconds} s"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        for (number, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (13_313, "13,313"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(number), shown);
        }
        assert_eq!(counted(1, "person", "people"), "1 person");
        assert_eq!(counted(2_000, "person", "people"), "2,000 people");
    }

    #[test]
    fn sizes_are_decimal() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 KB"),
            (8_400, "8.4 KB"),
            (45_000, "45 KB"),
            (61_249, "61.2 KB"),
            (999_949, "999.9 KB"),
            (999_950, "1 MB"),
            (1_900_000_000, "1.9 GB"),
            (u64::MAX, "18446744.1 TB"),
        ];
        for (number, shown) in cases {
            assert_eq!(bytes(number), shown, "{number}");
        }
    }

    #[test]
    fn moments_are_as_exact_as_they_are_near() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let cases = [
            ("2026-11-24T10:42:00Z", "11:42 today", "11:42", "Today"),
            ("2026-11-23T23:30:00Z", "00:30 today", "00:30", "Today"), // half past midnight in Berlin
            ("2026-11-23T22:30:00Z", "23 Nov", "23 Nov", "Yesterday"),
            ("2026-11-04T08:00:00Z", "4 Nov", "4 Nov", "4 Nov"),
            ("2025-12-31T23:30:00Z", "1 Jan", "1 Jan", "1 Jan"),
            ("2024-11-04T08:00:00Z", "2024-11-04", "2024-11-04", "2024-11-04"),
        ];
        for (at, long, short, heading) in cases {
            let at = at.parse().unwrap();
            assert_eq!(moment(at, now, &zone), long, "{at}");
            assert_eq!(moment_short(at, now, &zone), short, "{at}");
            assert_eq!(day_heading(at, now, &zone), heading, "{at}");
        }
        assert_eq!(clock(now, &zone), "13:00:00");
    }

    #[test]
    fn durations_are_no_more_exact_than_they_can_be() {
        for (millis, shown) in [
            (0, "0 ms"),
            (34, "34 ms"),
            (1_240, "1.2 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (21_000, "21 s"),
            (59_999, "1 min 0 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), shown, "{millis}");
        }
        for (seconds, shown) in
            [(0.2, "1 s left"), (2.5, "3 s left"), (89.0, "89 s left"), (120.0, "2 min left"), (9_000.0, "3 h left")]
        {
            assert_eq!(left(Duration::from_secs_f64(seconds)), shown, "{seconds}");
        }
    }
}
