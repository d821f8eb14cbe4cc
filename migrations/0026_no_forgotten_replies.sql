-- Recollections were written with triggers at first, which took along what nobody had asked to go.

drop trigger if exists messages_forget_replies on messages;
drop trigger if exists messages_forget_replies_to_deleted on messages;
drop trigger if exists facts_forget_replies on facts;
drop trigger if exists episodes_forget_replies on episodes;
drop function if exists forget_replies();
