-- How statements are written here: matricula/foundation/statements.py.

-- statement: end_tokens
-- one of: refreshtoken | accesstoken | grant
delete from oauth2_provider_refreshtoken t  --? refreshtoken
delete from oauth2_provider_accesstoken t  --? accesstoken
delete from oauth2_provider_grant t  --? grant
where t.user_id = any(%(accounts)s)
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = any(%(accounts)s))
