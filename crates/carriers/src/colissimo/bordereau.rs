//! The deposit slip, signed at hand-over: `generateBordereauByParcelsNumbers`.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use super::labels::{JSON, Sls, free, messages, opened, operation};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, LabelFormat, Manifest, ManifestRequest,
    Manifests, Rejection, Step,
};

/// Parcels of one slip. Not documented: a figure of ours.
const PARCELS_MAX: usize = 500;

impl Manifests for Sls {
    fn parcels_max(&self) -> usize {
        PARCELS_MAX
    }

    fn request(
        &self,
        call: &Call<'_>,
        manifest: &ManifestRequest,
    ) -> Result<HttpRequest, Rejection> {
        let numbers = &manifest.tracking_numbers;
        if numbers.is_empty() || numbers.len() > PARCELS_MAX {
            return Err(Rejection::new("tracking_numbers", format!("1 to {PARCELS_MAX}")));
        }
        let body = json!({ "generateBordereauParcelNumberList": { "parcelsNumbers": numbers } });
        let request = operation(call, "generateBordereauByParcelsNumbers", "multipart/mixed");
        Ok(request.body(JSON, body.to_string()))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<Manifest>, CarrierError> {
        messages(response).map_err(|error| free(response, error))?;
        let opened = opened(response)?;
        let infos: Value = serde_json::from_str(&opened.infos)
            .map_err(|_| CarrierError::garbled("jsonInfos is not whole JSON"))?;
        let number = match infos.pointer("/bordereau/bordereauHeader/bordereauNumber") {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let whole = opened.parts.iter().filter(|part| part.whole).map(|part| part.body);
        let file = whole.into_iter().find(|body| body.starts_with(b"%PDF-")).map(<[u8]>::to_vec);
        let inline = || {
            let text = infos.pointer("/bordereau/bordereauDataHandler")?.as_str()?;
            BASE64.decode(text).ok().filter(|file| file.starts_with(b"%PDF-"))
        };
        let document = file.or_else(inline).map(|file| (LabelFormat::Pdf, file.into()));
        if number.is_empty() && document.is_none() {
            return Err(CarrierError::garbled("neither a slip nor its number"));
        }
        Ok(Step::Done(Manifest { number, document }))
    }
}
