//! `Put`: seals records, idempotent on their external keys.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use colibri_events::vault::v1::{PutRequest, Record};
use colibri_kit::{
    auth::Caller,
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::{SubjectRef, TenantId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Vault,
    domain::{
        blob::{self, Place, Shape},
        content::Fields,
        index::Marks,
        keys::{Class, Dek, Kek, Owner},
        policy::FieldSet,
        record::{self, ITEMS_MAX, Owned, Refused},
    },
    error::{REF_TAKEN, fault, refused},
    keyring::Keks,
    store::{self, DekRow, Known, MarkRow, NewRecords, Revision},
};

/// How often a call begins again because another one was faster with the same key. Each time one
/// of them wins, so that this many would have to come in a row.
const RACES_MAX: usize = 5;

/// A record on its way in.
struct Item {
    key_mark: Uuid,
    content_mark: Uuid,
    owned: Option<Owned>,
    fields: Fields,
    content: Zeroizing<Vec<u8>>,
}

/// Everything a sealing needs.
struct Sealer<'a> {
    vault: &'a Vault,
    caller: &'a Caller,
    tenant: TenantId,
    marks: Arc<Marks>,
    kek: Arc<Kek>,
}

/// Seals records; answers their refs in order.
///
/// # Errors
/// [`Fault::Reject`] `VLT0001`, `VLT0002`, `VLT0005`, `VLT0007`, `VLT0009`; nothing is kept then.
pub async fn put(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: PutRequest,
) -> Result<Vec<String>, Fault> {
    if request.records.len() > ITEMS_MAX {
        return Err(refused(Refused::Size, "records"));
    }
    if request.records.is_empty() {
        return Ok(Vec::new());
    }
    let keys = &shell.state.keys;
    let marks = keys.marks(shell, tenant).await?;
    let kek = keys.current(shell, tenant).await?;
    let sealer = Sealer { vault: &shell.state, caller, tenant, marks, kek };
    let mut order = Vec::with_capacity(request.records.len());
    // A key given twice counts once, with what came last. In order, so that two calls with the
    // same keys wait for each other and never both.
    let mut items: BTreeMap<Uuid, Item> = BTreeMap::new();
    for (at, record) in request.records.into_iter().enumerate() {
        let item = sealer.read(record).map_err(|r| refused(r, format!("records[{at}]")))?;
        order.push(item.key_mark);
        items.insert(item.key_mark, item);
    }
    for _ in 0..RACES_MAX {
        let mut cx = shell.begin(tenant).await?;
        let Some(refs) = sealer.write(&mut cx, &items).await? else {
            cx.rollback().await;
            continue;
        };
        cx.commit().await?;
        let own = |key: &Uuid| refs.get(key).cloned();
        let refs: Option<Vec<String>> = order.iter().map(own).collect();
        return refs.ok_or_else(|| Fault::bug("a record was put without a ref"));
    }
    Err(Fault::retry("other calls put the same keys at the same time"))
}

impl Sealer<'_> {
    fn id(&self) -> Uuid {
        self.tenant.to_uuid()
    }

    fn read(&self, record: Record) -> Result<Item, Refused> {
        let key = record.external_key.clone();
        let checked = record::check(record)?;
        let content = checked.fields.encode();
        Ok(Item {
            key_mark: self.marks.of_external_key(&key),
            content_mark: self.marks.of_content(&key, &content),
            owned: checked.owned,
            fields: checked.fields,
            content,
        })
    }

    /// Refs by key; `None` when another call was faster.
    async fn write(
        &self,
        cx: &mut Cx<Vault>,
        items: &BTreeMap<Uuid, Item>,
    ) -> Result<Option<HashMap<Uuid, String>>, Fault> {
        let keys: Vec<Uuid> = items.keys().copied().collect();
        let owned = || items.values().filter_map(|item| item.owned.as_ref());
        let given: Vec<String> = owned().map(|o| o.item.clone()).collect();
        let fields = items.values().flat_map(|item| item.fields.iter());
        let fields = fields.fold(FieldSet::default(), |all, (field, _)| all.with(field));
        let act = super::act(self.caller, self.tenant, "put", items.len(), cx.now());
        let act = store::Act { fields: fields.to_i32(), ..act };
        let known = store::known(cx.db(), self.id(), &keys, &given, act).await?;
        let mut refs = HashMap::with_capacity(items.len());
        let mut changed = Vec::new();
        for row in known {
            let Some(item) = items.get(&row.key_mark) else {
                // Found by its ref: it stands under another key.
                return Err(fault(REF_TAKEN));
            };
            same_place(item, &row)?;
            refs.insert(row.key_mark, row.r#ref.clone());
            if row.content_mark != item.content_mark {
                changed.push((item, row));
            }
        }
        let new: Vec<&Item> =
            items.values().filter(|item| !refs.contains_key(&item.key_mark)).collect();
        let owners = new.iter().filter_map(|item| Some(item.owned.as_ref()?.owner.clone()));
        let owners = owners.chain(changed.iter().map(|(_, row)| row.owner.clone())).collect();
        let deks = self.deks(cx, owners).await?;
        let whole = self.insert(cx, &new, &deks, &mut refs).await?
            && self.revise(cx, &changed, &deks).await?;
        Ok(whole.then_some(refs))
    }

    /// The DEKs of persons that are known.
    async fn deks(
        &self,
        cx: &mut Cx<Vault>,
        owners: Vec<String>,
    ) -> Result<HashMap<String, Dek>, Fault> {
        if owners.is_empty() {
            return Ok(HashMap::new());
        }
        let class = i16::from(Class::Delivery.number());
        let rows = store::deks(cx.db(), self.id(), class, &owners).await?;
        let epochs = rows.iter().map(|row| row.epoch);
        let keks = self.vault.keys.keks(cx.db(), self.id(), epochs).await?;
        rows.into_iter().map(|row| self.dek(&keks, row)).collect()
    }

    fn dek(&self, keks: &Keks, row: DekRow) -> Result<(String, Dek), Fault> {
        let owner = self.owner(&row.owner);
        let dek = keks.open(row.epoch, &row.wrapped, row.dek_id, owner);
        let dek = dek.ok_or_else(|| Fault::bug(format!("the key of {} is damaged", row.owner)))?;
        Ok((row.owner, dek))
    }

    fn owner<'o>(&self, owner: &'o str) -> Owner<'o> {
        Owner { tenant: self.id(), owner, class: Class::Delivery }
    }

    fn seal(
        &self,
        dek: &Dek,
        owner: &str,
        item: &str,
        revision: u32,
        content: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let place = Place { owner: self.owner(owner), item, revision, shape: Shape::Fields1 };
        blob::seal(dek, &place, content, self.vault.keys.random()).map_err(Fault::bug)
    }

    fn index(&self, reference: &str, fields: &Fields, rows: &mut MarkRow) {
        for (field, value) in fields.iter() {
            if let Some(mark) = self.marks.of_value(field, value) {
                rows.marks.push(mark);
                rows.refs.push(reference.to_owned());
            }
        }
    }

    /// False when another call was faster.
    async fn insert(
        &self,
        cx: &mut Cx<Vault>,
        items: &[&Item],
        deks: &HashMap<String, Dek>,
        refs: &mut HashMap<Uuid, String>,
    ) -> Result<bool, Fault> {
        if items.is_empty() {
            return Ok(true);
        }
        let mut new = NewRecords::default();
        for item in items {
            let (owner, reference, blob) = match &item.owned {
                None => self.person(item, &mut new)?,
                Some(owned) => {
                    let dek = deks.get(&owned.owner).ok_or_else(|| fault("VLT0005"))?;
                    let blob = self.seal(dek, &owned.owner, &owned.item, 1, &item.content)?;
                    (owned.owner.clone(), owned.item.clone(), blob)
                }
            };
            self.index(&reference, &item.fields, &mut new.index);
            refs.insert(item.key_mark, reference.clone());
            new.owners.push(owner);
            new.refs.push(reference);
            new.keys.push(item.key_mark);
            new.contents.push(item.content_mark);
            new.blobs.push(blob);
        }
        let class = i16::from(Class::Delivery.number());
        let (epoch, now) = (self.kek.epoch().to_i32(), cx.now());
        let written = store::insert(cx.db(), self.id(), class, epoch, &new, now).await?;
        Ok(written == items.len())
    }

    /// A new ref with a key of its own.
    fn person(
        &self,
        item: &Item,
        new: &mut NewRecords,
    ) -> Result<(String, String, Vec<u8>), Fault> {
        let random = self.vault.keys.random();
        let reference = SubjectRef::generate().to_string();
        let dek = Dek::generate(random).map_err(Fault::bug)?;
        let wrapped = self.kek.wrap(&dek, self.owner(&reference), random).map_err(Fault::bug)?;
        let blob = self.seal(&dek, &reference, &reference, 1, &item.content)?;
        new.persons.push(reference.clone());
        new.dek_ids.push(dek.id().to_i64());
        new.deks.push(wrapped);
        Ok((reference.clone(), reference, blob))
    }

    /// False when another call was faster.
    async fn revise(
        &self,
        cx: &mut Cx<Vault>,
        changed: &[(&Item, Known)],
        deks: &HashMap<String, Dek>,
    ) -> Result<bool, Fault> {
        if changed.is_empty() {
            return Ok(true);
        }
        let mut revision = Revision::default();
        for (item, row) in changed {
            let dek = deks.get(&row.owner).ok_or_else(|| fault("VLT0005"))?;
            let next = u32::try_from(row.rev).unwrap_or_default().saturating_add(1);
            let blob = self.seal(dek, &row.owner, &row.r#ref, next, &item.content)?;
            self.index(&row.r#ref, &item.fields, &mut revision.index);
            revision.refs.push(row.r#ref.clone());
            revision.revs.push(row.rev);
            revision.contents.push(item.content_mark);
            revision.blobs.push(blob);
        }
        let now = cx.now();
        let written = store::revise(cx.db(), self.id(), &revision, now).await?;
        Ok(written == changed.len())
    }
}

/// A known key keeps its owner and ref.
fn same_place(item: &Item, row: &Known) -> Result<(), Fault> {
    let same = match &item.owned {
        None => row.owner == row.r#ref,
        Some(owned) => row.owner == owned.owner && row.r#ref == owned.item,
    };
    if same { Ok(()) } else { Err(fault(REF_TAKEN)) }
}
