-- _END_ALL(accesstoken)
delete from oauth2_provider_accesstoken t
where t.user_id = any(%(accounts)s)
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = any(%(accounts)s));

-- _END_ALL(grant)
delete from oauth2_provider_grant t
where t.user_id = any(%(accounts)s)
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = any(%(accounts)s));

-- _END_ALL(refreshtoken)
delete from oauth2_provider_refreshtoken t
where t.user_id = any(%(accounts)s)
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = any(%(accounts)s));

