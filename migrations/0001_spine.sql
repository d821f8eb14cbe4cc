-- The spine: keys, participants, rooms, messages, turns.
--
-- Every column of type bytea holds sealed content or a blind lookup (HMAC), never anything readable.
-- The column comments say which. Rows that belong to somebody carry that owner's id first in their
-- key: the participant of a direct room, or the group room itself.

-- Kept apart from the rest: backups leave this schema out, so that destroying a data key makes old
-- backups unreadable for its owner.
create schema keyring;

create table keyring.master_keys (
  id text primary key,
  proof bytea not null,
  created_at timestamptz not null default now()
);
comment on column keyring.master_keys.proof is 'a constant, sealed with the master key: shows that a key is the right one';

create table keyring.data_keys (
  id uuid primary key,
  owner_kind text not null,
  owner_id text not null,
  master_id text not null references keyring.master_keys (id),
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  constraint data_keys_owner unique (owner_kind, owner_id)
);
comment on column keyring.data_keys.wrapped is 'the data key, wrapped by the master key';

create table participants (
  id uuid primary key,
  created_at timestamptz not null default now()
);

create table identities (
  participant_id uuid not null references participants (id),
  id uuid not null,
  platform text not null,
  lookup bytea not null,
  external_id bytea not null,
  display_name bytea not null,
  created_at timestamptz not null default now(),
  primary key (participant_id, id),
  constraint identities_lookup unique (lookup)
);
comment on column identities.lookup is 'blind: HMAC of the external id';
comment on column identities.external_id is 'sealed';
comment on column identities.display_name is 'sealed';

create table rooms (
  owner_id uuid not null,
  id uuid not null,
  kind text not null,
  account bytea not null,
  lookup bytea not null,
  external_id bytea not null,
  last_position bigint not null default 0,
  created_at timestamptz not null default now(),
  primary key (owner_id, id),
  constraint rooms_lookup unique (lookup),
  constraint rooms_kind check (kind in ('direct', 'group'))
);
comment on column rooms.account is 'blind: HMAC of the account''s name';
comment on column rooms.lookup is 'blind: HMAC of account and external id';
comment on column rooms.external_id is 'sealed';
comment on column rooms.last_position is 'raised by each message: its lock keeps a room''s messages in order';

create table persona_rooms (
  owner_id uuid not null,
  room_id uuid not null,
  persona bytea not null,
  history_from bigint not null default 0,
  primary key (owner_id, room_id, persona),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade
);
comment on column persona_rooms.persona is 'blind: HMAC of the persona''s id';
comment on column persona_rooms.history_from is 'messages anchored before this position are cut from the prompt';

create table turns (
  owner_id uuid not null,
  id uuid not null,
  room_id uuid not null,
  account bytea not null,
  persona bytea not null,
  kind text not null,
  state text not null,
  revision integer not null default 0,
  swipe integer not null default 0,
  attempt integer not null default 0,
  failures integer not null default 0,
  stop_requested boolean not null default false,
  since bigint not null,
  until bigint not null,
  due_at timestamptz not null,
  shown_at timestamptz,
  worker uuid,
  lease_until timestamptz,
  outcome text,
  prompt_tokens integer,
  reply_tokens integer,
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (owner_id, id),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade,
  constraint turns_kind check (kind in ('reply', 'greeting')),
  constraint turns_state check (state in ('pending', 'running', 'answered', 'closed')),
  constraint turns_outcome check ((state = 'closed') = (outcome is not null))
);
comment on column turns.account is 'blind: HMAC of the account''s name';
comment on column turns.persona is 'blind: HMAC of the persona''s id';
comment on column turns.since is 'position of the first message that it answers';
comment on column turns.until is 'position of the last message that it answers';

-- At most one turn collects and one works, for each persona in each room. Beside the one that collects, an
-- earlier one may wait for another swipe.
create unique index turns_one_pending on turns (owner_id, room_id, persona) where state = 'pending' and swipe = 0;
create unique index turns_one_working on turns (owner_id, room_id, persona) where state in ('running', 'answered');
create index turns_due on turns (due_at) where state = 'pending';
create index turns_leased on turns (lease_until) where state in ('running', 'answered');
create index turns_of_room on turns (owner_id, room_id, persona, until);

create table messages (
  owner_id uuid not null,
  id uuid not null,
  room_id uuid not null,
  position bigint not null,
  anchor bigint not null,
  author text not null,
  participant_id uuid references participants (id),
  persona bytea,
  turn_id uuid,
  swipe integer,
  chosen boolean not null default true,
  lookup bytea,
  content bytea,
  said_at timestamptz not null,
  received_at timestamptz not null default now(),
  edited_at timestamptz,
  redacted_at timestamptz,
  primary key (owner_id, id),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade,
  foreign key (owner_id, turn_id) references turns (owner_id, id) on delete cascade,
  constraint messages_lookup unique (owner_id, lookup),
  constraint messages_author check (author in ('participant', 'persona')),
  constraint messages_tombstone check ((content is null) = (redacted_at is not null)),
  constraint messages_reply check ((author = 'persona') = (turn_id is not null and swipe is not null and persona is not null))
);
comment on column messages.position is 'counts up in the room';
comment on column messages.anchor is 'a participant''s message: its own position; a reply: that of the last message that it answers';
comment on column messages.persona is 'blind: HMAC of the persona''s id';
comment on column messages.lookup is 'blind: HMAC of the external id';
comment on column messages.content is 'sealed; null once redacted';

create index messages_in_order on messages (owner_id, room_id, anchor, position) where chosen and content is not null;
create unique index messages_one_chosen on messages (owner_id, turn_id) where author = 'persona' and chosen;
create unique index messages_swipes on messages (owner_id, turn_id, swipe) where author = 'persona';

create table deliveries (
  owner_id uuid not null,
  turn_id uuid not null,
  slot integer not null,
  swipe integer not null,
  first_tried_at timestamptz not null default now(),
  lookup bytea,
  external_id bytea,
  removed_at timestamptz,
  primary key (owner_id, turn_id, slot),
  foreign key (owner_id, turn_id) references turns (owner_id, id) on delete cascade
);
comment on column deliveries.lookup is 'blind: HMAC of the external id';
comment on column deliveries.external_id is 'sealed; null while it is not known whether the platform has it';

create index deliveries_lookup on deliveries (owner_id, lookup);
