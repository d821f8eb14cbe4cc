-- Rooms that are left, upgraded or told to be quiet; messages that nobody answers; the order of edits;
-- commands that are carried out once; and replies that are shown anew or taken down after their turn.

alter table rooms add column departed boolean not null default false;
comment on column rooms.departed is 'the account has left: nothing is answered until it has joined again';

create table former_rooms (
  owner_id uuid not null,
  lookup bytea not null,
  room_id uuid not null,
  primary key (owner_id, lookup),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade,
  constraint former_rooms_lookup unique (lookup)
);
comment on table former_rooms is 'under which names rooms were known before they were upgraded';
comment on column former_rooms.lookup is 'blind: as rooms.lookup';

alter table persona_rooms add column quiet boolean not null default false;
comment on column persona_rooms.quiet is 'the persona was told to answer nothing here';

alter table messages add column addressed boolean not null default true;
alter table messages add column edit_lookup bytea;
comment on column messages.addressed is 'false: kept as history, and no turn answers it';
comment on column messages.edited_at is 'when, by the platform''s clock, the latest edit was made';
comment on column messages.edit_lookup is 'blind: HMAC of that edit''s external id';
create index messages_edit on messages (owner_id, edit_lookup) where edit_lookup is not null;

create table commands (
  owner_id uuid not null,
  lookup bytea not null,
  room_id uuid not null,
  outcome text not null,
  primary key (owner_id, lookup),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade
);
comment on column commands.lookup is 'blind: HMAC of the external id; the command was carried out';

alter table deliveries add column revision integer not null default 0;
comment on column deliveries.revision is 'the turn''s revision for which the slot was taken';
update deliveries set revision = turns.revision
from turns
where turns.owner_id = deliveries.owner_id and turns.id = deliveries.turn_id;

-- A reply of long ago may be taken down while another one is being written.
drop index turns_one_working;
create unique index turns_one_running on turns (owner_id, room_id, persona) where state = 'running';
