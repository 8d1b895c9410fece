//! The table of routes: what is served and what is described come from here and nowhere else.
//!
//! tidy: long because it is one table, and two halves of it could serve the same path.

/// Bytes of a JSON body: an order of 1,000 lines has 300 kB.
const JSON_MAX: usize = 1 << 20;
/// Bytes of a batch: 500 orders of 20 lines have 3 MB, and the services take 4 MiB a message.
const BATCH_MAX: usize = 4 << 20;
/// Bytes of a file of orders or articles, as `orders.Import` takes.
const FILE_MAX: usize = 3 << 20;
/// Bytes of a tariff, as `pricing.ActivateTariff` takes.
const TARIFF_MAX: usize = 1 << 20;
/// Bytes of a channel's delivery, as `orders.IngestWebhook` takes: channels send 20 kB.
const CHANNEL_MAX: usize = 1 << 20;
/// Bytes of a carrier's delivery: a parcel's whole history has 30 kB.
const CARRIER_MAX: usize = 1 << 20;
/// Bytes of a request for a token: two ids.
const TOKEN_MAX: usize = 8 << 10;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    Get,
    Post,
}

/// Whom a webhook comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    Channel,
    Carrier,
}

/// Where the request message comes from, besides the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// Parameters of the query, named as the fields.
    Query(&'static [&'static str]),
    /// JSON: the message.
    Message,
    /// JSON: the only item of this list.
    Item(&'static str),
    /// Text of this media type as this field, or JSON as the message.
    Text(&'static str, &'static str),
    /// A CSV or XLSX file.
    File,
    /// A webhook, as it is.
    Delivery(Sender),
    /// Client credentials.
    Token,
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The message as JSON, with this status.
    Message(u16),
    /// The only result of a submission: 201 with its address, 200 when it was known.
    Submitted,
    /// The label file of a parcel.
    Label,
    /// Server-sent events, one per message.
    Events,
    /// Nothing but 202.
    Accepted,
    /// A bearer token.
    Token,
    /// The OpenAPI document.
    Document,
    /// A page about an error code.
    Page,
    /// That we live.
    Health,
}

/// One route.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// Template; a name in braces is a field of the request message, dots lead into messages.
    pub(crate) path: &'static str,
    /// Name of the operation for generated clients, stable.
    pub(crate) id: &'static str,
    /// What it is for, where no contract says it.
    pub(crate) summary: &'static str,
    /// Method that answers it.
    pub(crate) rpc: Option<&'static str>,
    pub(crate) input: Input,
    pub(crate) answer: Answer,
    /// Largest body, bytes.
    pub(crate) body_max: usize,
    /// `Idempotency-Key` is required and becomes the message's `request_id`.
    pub(crate) keyed: bool,
    /// Scope that `reveal=true` needs beyond the method's own.
    pub(crate) reveal: Option<&'static str>,
}

const fn get(path: &'static str, id: &'static str, rpc: &'static str) -> Route {
    Route {
        verb: Verb::Get,
        path,
        id,
        summary: "",
        rpc: Some(rpc),
        input: Input::Query(&[]),
        answer: Answer::Message(200),
        body_max: 0,
        keyed: false,
        reveal: None,
    }
}

const fn post(path: &'static str, id: &'static str, rpc: &'static str) -> Route {
    let route = get(path, id, rpc);
    Route { verb: Verb::Post, input: Input::Message, body_max: JSON_MAX, ..route }
}

const fn own(path: &'static str, id: &'static str, summary: &'static str, answer: Answer) -> Route {
    Route { rpc: None, summary, answer, ..get(path, id, "") }
}

impl Route {
    const fn input(mut self, input: Input, body_max: usize) -> Self {
        self.input = input;
        self.body_max = body_max;
        self
    }

    const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.input = Input::Query(names);
        self
    }

    const fn answer(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    const fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    const fn reveal(mut self, scope: &'static str) -> Self {
        self.reveal = Some(scope);
        self
    }

    /// Names in the braces of the path.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        let braces = self.path.split('{').skip(1);
        braces.filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }

    /// Names of the query.
    pub(crate) const fn query_names(&self) -> &'static [&'static str] {
        match self.input {
            Input::Query(names) => names,
            _ => &[],
        }
    }

    /// Whether nobody is asked who they are: the proof is in the delivery, or there is nothing to
    /// protect.
    pub(crate) const fn open(&self) -> bool {
        matches!(self.input, Input::Delivery(_) | Input::Token) || self.rpc.is_none()
    }
}

const LIST: &[&str] = &["state", "limit", "page"];

macro_rules! rpc {
    (orders $method:literal) => {
        concat!("/colibri.orders.v1.OrdersService/", $method)
    };
    (labels $method:literal) => {
        concat!("/colibri.labels.v1.LabelsService/", $method)
    };
    (tracking $method:literal) => {
        concat!("/colibri.tracking.v1.TrackingService/", $method)
    };
    (pricing $method:literal) => {
        concat!("/colibri.pricing.v1.PricingService/", $method)
    };
    (customs $method:literal) => {
        concat!("/colibri.customs.v1.CustomsService/", $method)
    };
    (returns $method:literal) => {
        concat!("/colibri.returns.v1.ReturnsService/", $method)
    };
    (accounts $method:literal) => {
        concat!("/colibri.accounts.v1.AccountsService/", $method)
    };
}

/// Everything that is served.
pub(crate) static ROUTES: &[Route] = &[
    // Orders.
    post("/v1/orders", "submit_order", rpc!(orders "Submit"))
        .input(Input::Item("orders"), JSON_MAX)
        .answer(Answer::Submitted)
        .keyed(),
    post("/v1/orders/batch", "submit_orders", rpc!(orders "Submit"))
        .input(Input::Message, BATCH_MAX)
        .keyed(),
    get("/v1/orders", "list_orders", rpc!(orders "List")).query(LIST),
    get("/v1/orders/{order_id}", "get_order", rpc!(orders "Get"))
        .query(&["reveal"])
        .reveal("orders:write"),
    get(
        "/v1/channels/{external.channel}/orders/{external.external_id}",
        "get_order_by_external_id",
        rpc!(orders "Get"),
    )
    .query(&["reveal"])
    .reveal("orders:write"),
    post("/v1/orders/{order_id}/hold", "hold_order", rpc!(orders "Hold")),
    post("/v1/orders/{order_id}/release", "release_order", rpc!(orders "Release")),
    post("/v1/orders/{order_id}/cancel", "cancel_order", rpc!(orders "Cancel")),
    post("/v1/orders/{order_id}/amend", "amend_order", rpc!(orders "Amend")),
    get("/v1/orders/{order_id}/shipment", "get_shipment_of_order", rpc!(labels "Get"))
        .query(&["reveal"]),
    post("/v1/imports", "import_orders", rpc!(orders "Import"))
        .input(Input::File, FILE_MAX)
        .keyed(),
    // Labels.
    post("/v1/shipments", "purchase_label", rpc!(labels "Purchase")).keyed(),
    get("/v1/shipments", "list_shipments", rpc!(labels "List")).query(LIST),
    get("/v1/shipments/{shipment_id}", "get_shipment", rpc!(labels "Get")).query(&["reveal"]),
    post("/v1/shipments/{shipment_id}/void", "void_shipment", rpc!(labels "Void")),
    post("/v1/shipments/{shipment_id}/settle", "settle_shipment", rpc!(labels "Settle")),
    get("/v1/parcels/{parcel_id}/label", "get_label", rpc!(labels "GetLabel"))
        .answer(Answer::Label),
    post("/v1/shipments/{shipment_id}/return", "purchase_return", rpc!(labels "PurchaseReturn"))
        .keyed(),
    // Questions to carriers: without effect, asked live.
    post("/v1/service-points/search", "find_service_points", rpc!(labels "FindServicePoints")),
    post("/v1/carrier-rates", "quote_carrier_rates", rpc!(labels "QuoteRates")),
    post("/v1/shipment-checks", "check_shipment", rpc!(labels "CheckShipment")),
    // Errands: collections and the end of the day.
    post("/v1/pickups", "book_pickup", rpc!(labels "BookPickup")).keyed(),
    get("/v1/pickups", "list_pickups", rpc!(labels "ListPickups")).query(LIST),
    post("/v1/pickups/{pickup_id}/cancel", "cancel_pickup", rpc!(labels "CancelPickup")),
    post("/v1/manifests", "close_manifest", rpc!(labels "CloseManifest")),
    get("/v1/manifests", "list_manifests", rpc!(labels "ListManifests")).query(LIST),
    get("/v1/manifests/{manifest_id}", "get_manifest", rpc!(labels "GetManifest")),
    get("/v1/manifests/{manifest_id}/paper", "get_paper", rpc!(labels "GetManifestPaper"))
        .answer(Answer::Label),
    post("/v1/errands/{errand_id}/settle", "settle_errand", rpc!(labels "SettleErrand")),
    // Tracking.
    get("/v1/parcels", "list_parcels", rpc!(tracking "List"))
        .query(&["headline", "order_id", "limit", "page"]),
    get("/v1/parcels/{parcel_id}/tracking", "get_tracking", rpc!(tracking "Get"))
        .query(&["reveal"]),
    get("/v1/parcels/{parcel_id}/tracking/stream", "watch_tracking", rpc!(tracking "Watch"))
        .answer(Answer::Events),
    get("/v1/alerts", "list_alerts", rpc!(tracking "ListAlerts")).query(&["kind", "limit", "page"]),
    post("/v1/tracking-numbers/detect", "detect_number", rpc!(tracking "Redetect")),
    // Returns.
    post("/v1/returns", "request_return", rpc!(returns "Request")).keyed(),
    get("/v1/returns", "list_returns", rpc!(returns "List")).query(&[
        "state",
        "order_id",
        "attention",
        "limit",
        "page",
    ]),
    get("/v1/returns/{return_id}", "get_return", rpc!(returns "Get"))
        .query(&["reveal"])
        .reveal("returns:write"),
    get("/v1/returns/{return_id}/label", "get_return_label", rpc!(returns "GetLabel"))
        .query(&["label"])
        .answer(Answer::Label),
    get(
        "/v1/returns/{return_id}/customs-paper",
        "get_return_customs_paper",
        rpc!(returns "GetCustomsPaper"),
    )
    .query(&["label"])
    .answer(Answer::Label),
    post("/v1/returns/{return_id}/decide", "decide_return", rpc!(returns "Decide")),
    post("/v1/returns/{return_id}/cancel", "cancel_return", rpc!(returns "Cancel")),
    post("/v1/returns/{return_id}/drop-off", "choose_drop_off", rpc!(returns "ChooseDropOff")),
    post("/v1/returns/{return_id}/receive", "receive_return", rpc!(returns "Receive")).keyed(),
    post("/v1/returns/{return_id}/grade", "grade_units", rpc!(returns "Grade")).keyed(),
    post("/v1/returns/{return_id}/dispose", "dispose_units", rpc!(returns "Dispose")).keyed(),
    post("/v1/returns/{return_id}/stock", "answer_stock", rpc!(returns "AnswerStock")),
    post("/v1/returns/{return_id}/refund", "decide_refund", rpc!(returns "DecideRefund")).keyed(),
    post(
        "/v1/returns/{return_id}/refund-confirmation",
        "confirm_refund",
        rpc!(returns "ConfirmRefund"),
    ),
    post("/v1/returns/{return_id}/refund-doubt", "settle_refund", rpc!(returns "SettleDoubt")),
    post(
        "/v1/returns/{return_id}/refunded-elsewhere",
        "refunded_elsewhere",
        rpc!(returns "RefundedElsewhere"),
    )
    .keyed(),
    post("/v1/returns/{return_id}/hold", "hold_refunds", rpc!(returns "HoldRefunds")),
    post("/v1/returns/{return_id}/signal", "settle_signal", rpc!(returns "SettleSignal")),
    post("/v1/returns/{return_id}/exchanges", "start_exchange", rpc!(returns "StartExchange"))
        .keyed(),
    post("/v1/returns/{return_id}/exchange-step", "move_exchange", rpc!(returns "MoveExchange"))
        .keyed(),
    post(
        "/v1/returns/{return_id}/difference",
        "settle_difference",
        rpc!(returns "SettleDifference"),
    )
    .keyed(),
    post(
        "/v1/returns/{return_id}/replacement",
        "send_replacement",
        rpc!(returns "SendReplacement"),
    )
    .keyed(),
    post("/v1/returns/{return_id}/keep", "keep_goods", rpc!(returns "Keep")).keyed(),
    post("/v1/returns/{return_id}/not-returned", "close_return", rpc!(returns "CloseNotReturned")),
    post("/v1/returns/{return_id}/extra", "settle_extra", rpc!(returns "SettleExtra")).keyed(),
    post("/v1/orphans", "record_orphan", rpc!(returns "RecordOrphan")).keyed(),
    get("/v1/orphans", "list_orphans", rpc!(returns "ListOrphans"))
        .query(&["all", "limit", "page"]),
    get("/v1/orphans/{orphan_id}", "get_orphan", rpc!(returns "GetOrphan")),
    post("/v1/orphans/{orphan_id}/match", "match_orphan", rpc!(returns "MatchOrphan")),
    post("/v1/orphans/{orphan_id}/settle", "settle_orphan", rpc!(returns "SettleOrphan")).keyed(),
    post("/v1/return-checks", "check_return", rpc!(returns "Eligible")),
    post("/v1/drop-offs", "drop_off", rpc!(returns "DropOff")),
    get("/v1/grade-quality", "get_grade_quality", rpc!(returns "GetGradeQuality")).query(&["days"]),
    get("/v1/return-balance", "get_return_balance", rpc!(returns "GetBalance"))
        .query(&["order_id"]),
    post("/v1/return-policies", "put_return_policies", rpc!(returns "PutPolicies"))
        .input(Input::Text("application/toml", "toml"), TARIFF_MAX),
    get("/v1/return-policies", "get_return_policies", rpc!(returns "GetPolicies")),
    // Prices.
    post("/v1/rates", "rate", rpc!(pricing "Rate")),
    post("/v1/choices", "choose", rpc!(pricing "Choose")),
    get("/v1/shipments/{shipment_id}/price-explanation", "explain_price", rpc!(pricing "Explain")),
    post("/v1/tariffs", "activate_tariff", rpc!(pricing "ActivateTariff"))
        .input(Input::Text("application/toml", "toml"), TARIFF_MAX),
    get("/v1/tariffs", "list_tariffs", rpc!(pricing "ListTariffs")),
    // Customs.
    post("/v1/customs/articles", "put_articles", rpc!(customs "PutSkus"))
        .input(Input::Message, BATCH_MAX),
    get("/v1/customs/articles", "list_articles", rpc!(customs "ListSkus")).query(&[
        "limit",
        "page",
        "unconfirmed",
    ]),
    get("/v1/customs/articles/{sku}", "get_article", rpc!(customs "GetSku")),
    post("/v1/customs/imports", "import_articles", rpc!(customs "ImportSkus"))
        .input(Input::File, FILE_MAX)
        .keyed(),
    post("/v1/customs/hs-suggestions", "suggest_hs", rpc!(customs "SuggestHs")),
    post("/v1/customs/description-checks", "check_text", rpc!(customs "CheckDescription")),
    post("/v1/customs/profile", "put_customs_profile", rpc!(customs "PutProfile")),
    get("/v1/customs/profile", "get_customs_profile", rpc!(customs "GetProfile")),
    post("/v1/customs/assessments", "assess", rpc!(customs "Assess"))
        .input(Input::Message, BATCH_MAX),
    get("/v1/customs/quotes/{quote_id}", "get_quote", rpc!(customs "GetQuote")),
    get("/v1/customs/declarations", "list_declarations", rpc!(customs "ListDeclarations"))
        .query(LIST),
    get(
        "/v1/customs/declarations/{declaration_id}",
        "get_declaration_by_id",
        rpc!(customs "GetDeclaration"),
    ),
    get(
        "/v1/shipments/{shipment_id}/declaration",
        "get_declaration",
        rpc!(customs "GetDeclaration"),
    ),
    post("/v1/shipments/{shipment_id}/declaration/reassess", "reassess", rpc!(customs "Reassess")),
    get("/v1/customs/papers/{document_id}", "get_customs_paper", rpc!(customs "GetPaper"))
        .answer(Answer::Label),
    get("/v1/customs/screening-lists", "list_lists", rpc!(customs "ListScreeningLists")),
    post("/v1/shipments/{shipment_id}/screening", "screen", rpc!(customs "Screen")),
    post(
        "/v1/shipments/{shipment_id}/screening/decisions",
        "decide_screening",
        rpc!(customs "DecideScreening"),
    ),
    post(
        "/v1/shipments/{shipment_id}/restrictions/decisions",
        "decide_restriction",
        rpc!(customs "DecideRestriction"),
    ),
    post("/v1/customs/sscc", "issue_sscc", rpc!(customs "IssueSscc")).keyed(),
    // Accounts.
    post("/v1/token", "issue_token", rpc!(accounts "IssueToken"))
        .input(Input::Token, TOKEN_MAX)
        .answer(Answer::Token),
    post("/v1/clients", "create_client", rpc!(accounts "CreateClient"))
        .answer(Answer::Message(201)),
    get("/v1/clients", "list_clients", rpc!(accounts "ListClients")),
    post("/v1/clients/{client_id}/revoke", "revoke_client", rpc!(accounts "RevokeClient")),
    post(
        "/v1/clients/{client_id}/secret",
        "rotate_client_secret",
        rpc!(accounts "RotateClientSecret"),
    ),
    post("/v1/sites", "create_site", rpc!(accounts "CreateSite")).answer(Answer::Message(201)),
    get("/v1/sites", "list_sites", rpc!(accounts "ListSites")),
    post(
        "/v1/carrier-accounts",
        "register_carrier_account",
        rpc!(accounts "RegisterCarrierAccount"),
    ),
    get("/v1/carrier-accounts", "list_carrier_accounts", rpc!(accounts "ListCarrierAccounts")),
    post(
        "/v1/carrier-accounts/{account_id}/check",
        "check_carrier_account",
        rpc!(accounts "CheckAccount"),
    ),
    post(
        "/v1/channel-accounts",
        "register_channel_account",
        rpc!(accounts "RegisterChannelAccount"),
    ),
    // Webhooks.
    post("/v1/hooks/channels/{account_id}", "channel_delivery", rpc!(orders "IngestWebhook"))
        .input(Input::Delivery(Sender::Channel), CHANNEL_MAX)
        .answer(Answer::Accepted),
    post("/v1/hooks/carriers/{account_id}", "carrier_delivery", rpc!(tracking "IngestWebhook"))
        .input(Input::Delivery(Sender::Carrier), CARRIER_MAX)
        .answer(Answer::Accepted),
    // The edge itself.
    own("/openapi.json", "describe", "This document.", Answer::Document),
    own("/errors/{code}", "explain_error", "What an error code means.", Answer::Page),
    own("/healthz", "health", "Whether the gateway lives.", Answer::Health),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn routes_and_operations_are_unique_and_webhooks_are_the_only_internal_ones() {
        let pairs: BTreeSet<_> = ROUTES.iter().map(|r| (r.path, r.verb)).collect();
        let ids: BTreeSet<_> = ROUTES.iter().map(|r| r.id).collect();
        assert_eq!((pairs.len(), ids.len()), (ROUTES.len(), ROUTES.len()));
        for route in ROUTES {
            let policy = route.rpc.and_then(colibri_events::method_policy);
            let internal = policy.is_some_and(|p| p.scopes.contains(&"internal"));
            let public = policy.is_some_and(|p| p.public);
            assert_eq!(internal, matches!(route.input, Input::Delivery(_)), "{}", route.path);
            assert_eq!(public, route.input == Input::Token, "{}", route.path);
            // Whoever is let in without a token brings another proof, or sees nothing of anybody.
            assert_eq!(route.open(), internal || public || route.rpc.is_none(), "{}", route.path);
        }
    }
}
