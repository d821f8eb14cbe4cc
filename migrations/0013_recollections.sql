-- What a reply was made with, beside the history: where that goes or changes, the reply goes too, since it may
-- tell of it. Of a reply that stands as it was shown, nothing is taken away on its platform.

create table recollections (
  owner_id uuid not null,
  reply_id uuid not null,
  source_owner_id uuid not null,
  source_id uuid not null,
  primary key (owner_id, reply_id, source_owner_id, source_id),
  foreign key (owner_id, reply_id) references messages (owner_id, id) on delete cascade
);
comment on column recollections.source_id is 'a message, a fact or an episode';
create index recollections_source on recollections (source_owner_id, source_id);

create function forget_replies() returns trigger language plpgsql as $$
declare
  reply record;
begin
  for reply in
    update messages m set content = null, redacted_at = clock_timestamp()
    from recollections r
    where r.source_owner_id = old.owner_id and r.source_id = old.id
      and m.owner_id = r.owner_id and m.id = r.reply_id and m.content is not null
    returning m.owner_id, m.room_id
  loop
    update rooms set amended = amended + 1 where owner_id = reply.owner_id and id = reply.room_id;
  end loop;
  return null;
end
$$;

create trigger messages_forget_replies after update of content on messages
  for each row when (old.content is not null and old.content is distinct from new.content)
  execute function forget_replies();
create trigger messages_forget_replies_to_deleted after delete on messages
  for each row execute function forget_replies();
create trigger facts_forget_replies after delete on facts
  for each row execute function forget_replies();
create trigger episodes_forget_replies after delete on episodes
  for each row execute function forget_replies();
