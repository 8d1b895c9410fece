//! A parcel and a world to ask about.
use colibri_customs_rules::{
    assess::{Assessment, World, assess},
    consignment::{Channel, Consignment, Flow, Line, ProductIds, Terms},
    fx::Fx,
    place::Place,
    rules::Rules,
    tariff::Tariff,
    taxes::Taxes,
};
use rust_decimal::Decimal;
use time::macros::date;

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

/// One T-shirt line of 40, on 20 November 2026.
pub fn parcel(from: &str, to: &str, currency: &str) -> Consignment {
    let place = |country: &str| Place {
        country: country.parse().unwrap(),
        postcode: String::new(),
        subdivision: String::new(),
    };
    Consignment {
        date: date!(2026 - 11 - 20),
        from: place(from),
        to: place(to),
        channel: Channel::Express,
        flow: Flow::B2c,
        scheme: None,
        dataset: None,
        terms: Terms::Dap,
        currency: currency.parse().unwrap(),
        lines: vec![Line {
            no: 1,
            description: "T-shirt, knitted cotton".to_owned(),
            code: "610910".to_owned(),
            origin: "CN".parse().ok(),
            quantity: 1,
            value: dec("40"),
            net_kg: Some(dec("0.2")),
            litres: None,
            duty: None,
            preference: false,
            excise: false,
            tax_rate: None,
            product_ids: ProductIds { merchant: "TS-1".to_owned(), ..ProductIds::default() },
        }],
        discount: Decimal::ZERO,
        freight: None,
        insurance: None,
        carrier_fees: Vec::new(),
    }
}

pub struct Land {
    pub rules: Rules,
    pub tariff: Tariff,
    pub fx: Fx,
    pub taxes: Taxes,
}

impl Land {
    pub fn new() -> Self {
        Self {
            rules: Rules::shipped().unwrap(),
            tariff: Tariff::default(),
            fx: Fx::new("test"),
            taxes: Taxes::shipped().unwrap(),
        }
    }

    /// `TERRITORY,CODE,KIND` and an expression.
    pub fn tariff(&mut self, key: &str, expression: &str) {
        let text = format!("territory,code,kind,expression\n{key},{expression}\n");
        let report = self.tariff.load(&text, ',', "test");
        assert_eq!((report.loaded, report.refused.len()), (1, 0), "{:?}", report.refused);
    }

    /// `TERRITORY,CODE,KIND,ORIGIN` and an expression.
    pub fn tariff_of(&mut self, key: &str, expression: &str) {
        let text = format!("territory,code,kind,origin,expression\n{key},{expression}\n");
        let report = self.tariff.load(&text, ',', "test");
        assert_eq!((report.loaded, report.refused.len()), (1, 0), "{:?}", report.refused);
    }

    pub fn assess(&self, parcel: &Consignment) -> Assessment {
        let world =
            World { rules: &self.rules, tariff: &self.tariff, fx: &self.fx, taxes: &self.taxes };
        assess(parcel, world).unwrap_or_else(|faults| panic!("{faults:?}"))
    }
}
