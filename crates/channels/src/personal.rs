//! Serialising personal text on purpose: only the vault's and the operator's paths do it.

/// For `Option<Pii<String>>`.
pub(crate) mod optional {
    use colibri_types::Pii;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Pii<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Pii::expose).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Pii<String>>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Pii::new))
    }
}
