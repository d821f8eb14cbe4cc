-- Groups in which several personas are: one room for all of them, in which each is there or not by itself; and
-- what people say of themselves in one room.

-- Rooms that were made before belong to one account each, until one of them is found under its shared name.
alter table rooms add column named_by bytea;
comment on column rooms.named_by is 'sealed: under whose name its messages are looked up: a platform''s in groups, or an account''s; without it that of the room''s account';
comment on column rooms.lookup is 'blind: HMAC of the external id, with the account, or in groups with the platform';

alter table persona_rooms add column departed boolean not null default false;
alter table persona_rooms add column account bytea;
comment on column persona_rooms.departed is 'the persona''s account has left: nothing is answered until it has joined again';
comment on column persona_rooms.account is 'blind: of a group, through which account the persona speaks there; without it the persona may not';

insert into persona_rooms (owner_id, room_id, persona, departed)
select distinct turns.owner_id, turns.room_id, turns.persona, true
from turns join rooms on rooms.owner_id = turns.owner_id and rooms.id = turns.room_id
where rooms.departed
on conflict (owner_id, room_id, persona) do nothing;
update persona_rooms set departed = true
from rooms
where rooms.owner_id = persona_rooms.owner_id and rooms.id = persona_rooms.room_id and rooms.departed;

alter table rooms drop column departed;
