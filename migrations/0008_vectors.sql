-- Embeddings of what was said, and by which a process knows what has changed in what it has read.

create table vectors (
  owner_id uuid not null,
  message_id uuid not null,
  room_id uuid not null,
  model text not null,
  dimensions integer not null,
  content bytea not null,
  version bigint not null,
  primary key (owner_id, message_id),
  foreign key (owner_id, message_id) references messages (owner_id, id) on delete cascade
);
comment on column vectors.model is 'the embedding model: vectors of different ones are never compared';
comment on column vectors.content is 'sealed: the numbers';
comment on column vectors.version is 'rooms.recall_version when it was written';
create index vectors_version on vectors (room_id, version);

alter table rooms add column recall_version bigint not null default 0;
alter table rooms add column recall_floor bigint not null default 0;
comment on column rooms.recall_version is 'raised by whatever changes what can be recalled of the room, beside new messages';
comment on column rooms.recall_floor is 'whoever has read before this version reads all of it again: messages have gone without a trace';

alter table messages add column recall_version bigint not null default 0;
comment on column messages.recall_version is 'rooms.recall_version at its last change; 0 when there was none';
create index messages_position on messages (room_id, position);
create index messages_recall_version on messages (room_id, recall_version) where recall_version > 0;

-- Words that were changed or taken away are recalled no more, at whoever's wish and by whichever statement that
-- was, and their vector goes with them.
create function change_recall() returns trigger language plpgsql as $$
begin
  update rooms set recall_version = recall_version + 1
  where owner_id = new.owner_id and id = new.room_id
  returning recall_version into new.recall_version;
  if old.content is distinct from new.content then
    delete from vectors where owner_id = new.owner_id and message_id = new.id;
  end if;
  return new;
end
$$;

create trigger messages_change_recall before update of content, chosen on messages
  for each row when (old.content is distinct from new.content or old.chosen <> new.chosen)
  execute function change_recall();

create function end_recall() returns trigger language plpgsql as $$
begin
  update rooms set recall_version = recall_version + 1, recall_floor = recall_version + 1
  where owner_id = old.owner_id and id = old.room_id;
  return null;
end
$$;

create trigger messages_end_recall after delete on messages
  for each row execute function end_recall();
