-- Who could read what was said in a group: a memory is told again only where everybody present was there then.

alter table rooms add column present bytea;
comment on column rooms.present is 'digest of who is in the room now; null where the platform does not tell';

create table room_members (
  owner_id uuid not null,
  room_id uuid not null,
  member bytea not null,
  from_position bigint not null,
  to_position bigint,
  primary key (owner_id, room_id, member, from_position),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade
);
comment on column room_members.member is 'blind lookup of the identity, as in identities.lookup; also of those who never wrote';
comment on column room_members.to_position is 'the last message that they could read; null while they are there';
create index room_members_member on room_members (member);
