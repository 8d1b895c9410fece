//! The only place that spells subjects, streams and consumers.

/// Number of shards, fixed for ever: changing it would send a key's events to other lanes.
pub const SHARDS: u32 = 64;

/// Shard of an aggregate: FNV-1a, the hash behind the server's `partition(64,1)` mapping.
#[must_use]
pub fn shard(key: &str) -> u16 {
    let mut hash: u32 = 2_166_136_261;
    for byte in key.as_bytes() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(16_777_619);
    }
    u16::try_from(hash % SHARDS).unwrap_or_default()
}

/// Subject of an event: five tokens, the shard last.
#[must_use]
pub fn subject(service: &str, version: u32, event: &str, shard: u16) -> String {
    format!("colibri.{service}.v{version}.{event}.{shard}")
}

/// Stream of a lane.
#[must_use]
pub fn stream_name(service: &str, lane: i16) -> String {
    format!("EV_{}_{lane}", service.to_uppercase())
}

/// Durable consumer of a consuming service on a producer's stream.
#[must_use]
pub fn consumer_name(service: &str) -> String {
    service.to_owned()
}

/// Subjects of a single-lane stream.
pub(super) fn all_subjects(service: &str) -> String {
    format!("colibri.{service}.*.*.*")
}

/// `(version, event)` of a subject of ours.
pub(super) fn parse_subject(subject: &str) -> Option<(u32, &str)> {
    let mut tokens = subject.split('.');
    let (colibri, _service) = (tokens.next()?, tokens.next()?);
    let version = tokens.next()?.strip_prefix('v')?.parse().ok()?;
    let event = tokens.next()?;
    (colibri == "colibri" && tokens.next().is_some() && tokens.next().is_none())
        .then_some((version, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_agree_with_the_servers_partition_mapping() {
        // Checked against the subject transform of nats-server 2.15.1.
        for (key, expected) in [
            ("a", 44),
            ("abc", 11),
            ("shp_1", 58),
            ("shp_2", 39),
            ("ord_0001", 42),
            ("ret_42", 47),
            ("shp_01J9ZQ4T7N8B6E5D3C2A1F0G9H", 43),
        ] {
            assert_eq!(shard(key), expected, "{key}");
        }
    }

    #[test]
    fn a_subject_is_read_back() {
        let text = subject("labels", 1, "label_purchased", 58);
        assert_eq!(parse_subject(&text), Some((1, "label_purchased")));
        for wrong in
            ["", "colibri.labels.v1.x", "colibri.labels.vx.x.1", "a.b.v1.c.1", "colibri.a.v1.b.1.2"]
        {
            assert_eq!(parse_subject(wrong), None, "{wrong}");
        }
    }
}
