"""Dotenv files after the patterns of frameworks and programs, each with the services that it describes.

A line of the expectation is: role kind address path user, with "-" for none and "*" behind the user for a password.
"""

from __future__ import annotations

SAMPLES: dict[str, tuple[str, str]] = {
    "laravel_mysql": (
        "APP_NAME=Shop\nAPP_URL=http://localhost\nDB_CONNECTION=mysql\nDB_HOST=127.0.0.1\nDB_PORT=3306\n"
        "DB_DATABASE=shop\nDB_USERNAME=shop\nDB_PASSWORD=s3cr\nCACHE_STORE=redis\nQUEUE_CONNECTION=redis\n"
        "SESSION_DRIVER=redis\nREDIS_CLIENT=phpredis\nREDIS_HOST=cache\nREDIS_PASSWORD=null\nREDIS_PORT=6379\n",
        "database mysql 127.0.0.1:3306 shop shop*\nredis redis cache:6379 - -",
    ),
    "laravel_pgsql_memcached": (
        "DB_CONNECTION=pgsql\nDB_HOST=pg.internal\nDB_PORT=5433\nDB_DATABASE=app\nDB_USERNAME=app\n"
        'DB_PASSWORD="s3 cr#1"\nMEMCACHED_HOST=memcached\nREDIS_HOST=tls://cache.internal\nREDIS_PORT=6380\n',
        "database postgres pg.internal:5433 app app*\nmemcached memcached memcached:11211 - -\n"
        "redis redis cache.internal:6380 - -",
    ),
    "laravel_sqlite": ("DB_CONNECTION=sqlite\nDB_DATABASE=data/app.sqlite\n", "database sqlite data/app.sqlite - -"),
    "laravel_replica": (
        "DB_CONNECTION=mysql\nDB_HOST=main\nDB_PORT=3307\nDB_DATABASE=shop\nDB_USERNAME=shop\nDB_PASSWORD=s3cr\n"
        "DB_READ_HOST=replica\n",
        "database mysql main:3307 shop shop*\ndb_read mysql replica:3307 shop shop*",
    ),
    "laravel_socket": (
        "DB_CONNECTION=mysql\nDB_HOST=localhost\nDB_SOCKET=/run/mysqld/mysqld.sock\nDB_DATABASE=shop\nDB_USERNAME=a\n",
        "database mysql /run/mysqld/mysqld.sock shop a",
    ),
    "laravel_rabbitmq": (
        "QUEUE_CONNECTION=rabbitmq\nRABBITMQ_HOST=mq\nRABBITMQ_PORT=5672\nRABBITMQ_USER=app\nRABBITMQ_PASSWORD=s3cr\n"
        "RABBITMQ_VHOST=/\nRABBITMQ_QUEUE=default\n",
        "rabbitmq rabbitmq mq:5672 / app*",
    ),
    "rails": (
        "RAILS_ENV=production\nDATABASE_ADAPTER=postgresql\nDATABASE_HOST=db\nDATABASE_USERNAME=rails\n"
        "DATABASE_PASSWORD=s3cr\nDATABASE_NAME=app_production\nMEMCACHE_SERVERS=m1:11211,m2:11211\n"
        "SIDEKIQ_REDIS_URL=redis://jobs:6379/1\n",
        "sidekiq_redis redis jobs:6379 1 -\ndatabase postgres db:5432 app_production rails*\n"
        "memcache memcached m1:11211 - -\nmemcache memcached m2:11211 - -",
    ),
    "rails_mysql2": (
        "DB_ADAPTER=mysql2\nDB_HOST=mysql.internal\nDB_NAME=app\nDB_USER=app\nDB_PASS=s3cr\nREDIS_HOST=redis\n"
        "REDIS_DB=2\n",
        "database mysql mysql.internal:3306 app app*\nredis redis redis:6379 2 -",
    ),
    "sidekiq": ("SIDEKIQ_REDIS_HOST=jobs\nSIDEKIQ_REDIS_PORT=6380\n", "sidekiq_redis redis jobs:6380 - -"),
    "django_sql": (
        "DEBUG=1\nSECRET_KEY=foo\nSQL_ENGINE=django.db.backends.postgresql\nSQL_DATABASE=hello\nSQL_USER=hello\n"
        "SQL_PASSWORD=s3cr\nSQL_HOST=db\nSQL_PORT=5432\nDATABASE=postgres\n",
        "database postgres db:5432 hello hello*",
    ),
    "django_mysql": (
        "DJANGO_DB_ENGINE=django.db.backends.mysql\nDJANGO_DB_HOST=10.0.0.5\nDJANGO_DB_NAME=site\nDJANGO_DB_USER=site\n"
        "DJANGO_DB_PASSWORD=s3cr\nDJANGO_SETTINGS_MODULE=site.settings\n",
        "database mysql 10.0.0.5:3306 site site*",
    ),
    "django_postgis": (
        "DB_ENGINE=django.contrib.gis.db.backends.postgis\nDB_NAME=geo\nDB_USER=geo\nDB_PASSWORD=s3cr\nDB_HOST=gis\n"
        "CELERY_BROKER_HOST=rabbit\nCELERY_BROKER_PORT=5672\nCELERY_BROKER_USER=app\nCELERY_BROKER_VHOST=app\n",
        "database postgres gis:5432 geo geo*\ncelery_broker rabbitmq rabbit:5672 app app",
    ),
    "fastapi_template": (
        "POSTGRES_SERVER=db\nPOSTGRES_PORT=5432\nPOSTGRES_DB=app\nPOSTGRES_USER=postgres\nPOSTGRES_PASSWORD=s3cr\n"
        "FIRST_SUPERUSER=a@b.example\nSMTP_HOST=\nSMTP_PORT=587\n",
        "database postgres db:5432 app postgres*",
    ),
    "flask_mysql": (
        "MYSQL_DATABASE_HOST=db\nMYSQL_DATABASE_USER=u\nMYSQL_DATABASE_PASSWORD=s3cr\nMYSQL_DATABASE_DB=shop\n",
        "database mysql db:3306 shop u*",
    ),
    "celery_redis": (
        "CELERY_REDIS_HOST=broker\nCELERY_REDIS_DB=1\nCACHE_REDIS_HOST=cache\nCACHE_REDIS_PORT=6379\nCACHE_TYPE=RedisCache\n",
        "celery_redis redis broker:6379 1 -\ncache_redis redis cache:6379 - -",
    ),
    "spring": (
        "SPRING_PROFILES_ACTIVE=prod\nSPRING_DATASOURCE_URL=jdbc:postgresql://db:5432/app\n"
        "SPRING_DATASOURCE_USERNAME=spring\nSPRING_DATASOURCE_PASSWORD=s3cr\nSPRING_DATA_REDIS_HOST=cache\n"
        "SPRING_DATA_REDIS_PORT=6379\nSPRING_RABBITMQ_HOST=mq\nSPRING_RABBITMQ_USERNAME=app\n"
        "SPRING_RABBITMQ_PASSWORD=s3cr\nSPRING_RABBITMQ_VIRTUAL_HOST=orders\n",
        "spring_datasource postgres db:5432 app spring*\nredis redis cache:6379 - -\n"
        "rabbitmq rabbitmq mq:5672 orders app*",
    ),
    "spring_2": (
        "spring.datasource.url=jdbc:mysql://db/app\nspring.datasource.username=app\nspring.redis.host=cache\n"
        "spring.redis.ssl.enabled=true\n",
        "spring.datasource mysql db:3306 app app\nredis redis cache:6379 - -",
    ),
    "quarkus": (
        "QUARKUS_DATASOURCE_DB_KIND=postgresql\nQUARKUS_DATASOURCE_USERNAME=q\nQUARKUS_DATASOURCE_PASSWORD=s3cr\n"
        "QUARKUS_DATASOURCE_JDBC_URL=jdbc:postgresql://db/app\n",
        "quarkus_datasource_jdbc postgres db:5432 app q*",
    ),
    "nestjs": (
        "DB_TYPE=postgres\nDB_HOST=localhost\nDB_PORT=5432\nDB_USERNAME=nest\nDB_PASSWORD=s3cr\nDB_NAME=nest\n"
        "JWT_SECRET=x\nBULL_REDIS_HOST=queue\nBULL_REDIS_PORT=6379\n",
        "database postgres localhost:5432 nest nest*\nbull_redis redis queue:6379 - -",
    ),
    "typeorm": (
        "TYPEORM_CONNECTION=mariadb\nTYPEORM_HOST=db\nTYPEORM_USERNAME=root\nTYPEORM_PASSWORD=s3cr\nTYPEORM_DATABASE=test\n"
        "TYPEORM_PORT=3306\nTYPEORM_SYNCHRONIZE=true\n",
        "database mysql db:3306 test root*",
    ),
    "sequelize": (
        "DB_DIALECT=postgres\nDB_HOST=db.eu-west-1.rds.example\nDB_NAME=app\nDB_USER=app\nDB_PWD=s3cr\nDB_SSL=true\n",
        "database postgres db.eu-west-1.rds.example:5432 app app*",
    ),
    "strapi": (
        "HOST=0.0.0.0\nPORT=1337\nDATABASE_CLIENT=postgres\nDATABASE_HOST=strapi-db\nDATABASE_PORT=5432\n"
        "DATABASE_NAME=strapi\nDATABASE_USERNAME=strapi\nDATABASE_PASSWORD=s3cr\nDATABASE_SSL=false\n",
        "database postgres strapi-db:5432 strapi strapi*",
    ),
    "strapi_sqlite": ("DATABASE_CLIENT=sqlite\nDATABASE_FILENAME=.tmp/data.db\n", "database sqlite .tmp/data.db - -"),
    "directus": (
        "DB_CLIENT=pg\nDB_HOST=database\nDB_PORT=5432\nDB_DATABASE=directus\nDB_USER=directus\nDB_PASSWORD=s3cr\n"
        "CACHE_ENABLED=true\nCACHE_STORE=redis\nREDIS_HOST=cache\nREDIS_PORT=6379\nEMAIL_TRANSPORT=sendmail\n",
        "database postgres database:5432 directus directus*\nredis redis cache:6379 - -",
    ),
    "wordpress": (
        "WORDPRESS_DB_HOST=db:3307\nWORDPRESS_DB_USER=wp\nWORDPRESS_DB_PASSWORD=s3cr\nWORDPRESS_DB_NAME=wp\n"
        "WORDPRESS_TABLE_PREFIX=wp_\nMYSQL_ROOT_PASSWORD=s3cr2\nMYSQL_DATABASE=wp\nMYSQL_USER=wp\nMYSQL_PASSWORD=s3cr\n",
        "database mysql db:3307 wp wp*",
    ),
    "bedrock": (
        "DB_NAME='site'\nDB_USER='site'\nDB_PASSWORD='s3cr'\nDB_HOST='localhost:/run/mysqld/mysqld.sock'\nDB_PREFIX='wp_'\n",
        "database mysql /run/mysqld/mysqld.sock site site*",
    ),
    "nextcloud": (
        "POSTGRES_HOST=db\nPOSTGRES_DB=nextcloud\nPOSTGRES_USER=nc\nPOSTGRES_PASSWORD=s3cr\nREDIS_HOST=redis\n"
        "REDIS_HOST_PASSWORD=s3cr2\nREDIS_HOST_PORT=6380\nNEXTCLOUD_ADMIN_USER=admin\n",
        "database postgres db:5432 nextcloud nc*\nredis redis redis:6380 - -*",
    ),
    "keycloak": (
        "KC_DB=postgres\nKC_DB_URL_HOST=db\nKC_DB_URL_PORT=5433\nKC_DB_URL_DATABASE=keycloak\nKC_DB_USERNAME=kc\n"
        "KC_DB_PASSWORD=s3cr\nKC_HOSTNAME=id.example\n",
        "database postgres db:5433 keycloak kc*",
    ),
    "keycloak_old": (
        "DB_VENDOR=mariadb\nDB_ADDR=db\nDB_DATABASE=keycloak\nDB_USER=kc\nDB_PASSWORD=s3cr\n",
        "database mysql db:3306 keycloak kc*",
    ),
    "grafana": (
        "GF_DATABASE_TYPE=postgres\nGF_DATABASE_HOST=db:5432\nGF_DATABASE_NAME=grafana\nGF_DATABASE_USER=gf\n"
        "GF_DATABASE_PASSWORD=s3cr\nGF_DATABASE_SSL_MODE=verify-full\nGF_SERVER_HTTP_PORT=3000\n",
        "database postgres db:5432 grafana gf*",
    ),
    "n8n": (
        "DB_TYPE=postgresdb\nDB_POSTGRESDB_HOST=postgres\nDB_POSTGRESDB_PORT=5432\nDB_POSTGRESDB_DATABASE=n8n\n"
        "DB_POSTGRESDB_USER=n8n\nDB_POSTGRESDB_PASSWORD=s3cr\nEXECUTIONS_MODE=queue\nQUEUE_BULL_REDIS_HOST=redis\n",
        "database postgres postgres:5432 n8n n8n*\nqueue_bull_redis redis redis:6379 - -",
    ),
    "gitea": (
        "GITEA__database__DB_TYPE=mysql\nGITEA__database__HOST=db:3306\nGITEA__database__NAME=gitea\n"
        "GITEA__database__USER=gitea\nGITEA__database__PASSWD=s3cr\nGITEA__server__ROOT_URL=https://git.example\n",
        "database mysql db:3306 gitea gitea*",
    ),
    "ghost": (
        "url=https://blog.example\ndatabase__client=mysql\ndatabase__connection__host=db\n"
        "database__connection__user=ghost\ndatabase__connection__password=s3cr\ndatabase__connection__database=ghost\n",
        "database mysql db:3306 ghost ghost*",
    ),
    "metabase": (
        "MB_DB_TYPE=postgres\nMB_DB_DBNAME=metabase\nMB_DB_PORT=5432\nMB_DB_USER=mb\nMB_DB_PASS=s3cr\nMB_DB_HOST=db\n",
        "database postgres db:5432 metabase mb*",
    ),
    "superset": (
        "DATABASE_DIALECT=postgresql\nDATABASE_DB=superset\nDATABASE_HOST=db\nDATABASE_USER=superset\n"
        "DATABASE_PASSWORD=s3cr\nDATABASE_PORT=5432\nPOSTGRES_DB=superset\nPOSTGRES_USER=superset\n"
        "POSTGRES_PASSWORD=s3cr\nREDIS_HOST=redis\nREDIS_PORT=6379\n",
        "database postgres db:5432 superset superset*\nredis redis redis:6379 - -",
    ),
    "paperless": (
        "PAPERLESS_REDIS=redis://broker:6379\nPAPERLESS_DBHOST=db\nPAPERLESS_DBNAME=p\nPAPERLESS_DBUSER=p\n"
        "PAPERLESS_DBPASS=s3cr\n",
        "paperless_redis redis broker:6379 - -\ndatabase postgres db:5432 p p*",
    ),
    "authentik": (
        "AUTHENTIK_POSTGRESQL__HOST=postgresql\nAUTHENTIK_POSTGRESQL__USER=ak\nAUTHENTIK_POSTGRESQL__NAME=ak\n"
        "AUTHENTIK_POSTGRESQL__PASSWORD=s3cr\nAUTHENTIK_REDIS__HOST=redis\n",
        "database postgres postgresql:5432 ak ak*\nredis redis redis:6379 - -",
    ),
    "mastodon": (
        "REDIS_HOST=localhost\nREDIS_PORT=6379\nDB_HOST=/var/run/postgresql\nDB_USER=mastodon\n"
        "DB_NAME=mastodon_production\nDB_PASS=\nDB_PORT=5432\nSMTP_SERVER=\nS3_ENABLED=false\n",
        "redis redis localhost:6379 - -\n"
        "database postgres /var/run/postgresql/.s.PGSQL.5432 mastodon_production mastodon",
    ),
    "immich": (
        "DB_HOSTNAME=immich_postgres\nDB_USERNAME=postgres\nDB_PASSWORD=s3cr\nDB_DATABASE_NAME=immich\n"
        "REDIS_HOSTNAME=immich_redis\nUPLOAD_LOCATION=./library\n",
        "database postgres immich_postgres:5432 immich postgres*\nredis redis immich_redis:6379 - -",
    ),
    "zabbix": (
        "DB_SERVER_HOST=db\nPOSTGRES_USER=zabbix\nPOSTGRES_PASSWORD=s3cr\nPOSTGRES_DB=zabbix\nZBX_SERVER_HOST=zabbix\n",
        "database postgres db:5432 zabbix zabbix*",
    ),
    "bitnami": (
        "MOODLE_DATABASE_TYPE=mariadb\nMOODLE_DATABASE_HOST=mariadb\nMOODLE_DATABASE_PORT_NUMBER=3306\n"
        "MOODLE_DATABASE_USER=bn\nMOODLE_DATABASE_NAME=moodle\nMOODLE_DATABASE_PASSWORD=s3cr\n",
        "database mysql mariadb:3306 moodle bn*",
    ),
    "libpq": (
        "PGHOST=db.example\nPGPORT=6432\nPGUSER=ann\nPGPASSWORD=s3cr\nPGDATABASE=app\nPGSSLMODE=require\n",
        "database postgres db.example:6432 app ann*",
    ),
    "railway": (
        "MYSQLHOST=mysql.internal\nMYSQLPORT=3306\nMYSQLUSER=root\nMYSQLPASSWORD=s3cr\nMYSQLDATABASE=railway\n"
        "REDISHOST=redis.internal\nREDISPORT=6379\nREDISUSER=default\nREDISPASSWORD=s3cr2\n",
        "database mysql mysql.internal:3306 railway root*\nredis redis redis.internal:6379 - default*",
    ),
    "dotnet": (
        "Redis__Host=cache\nRedis__Port=6379\nRabbitMq__HostName=mq\nRabbitMq__UserName=app\nRabbitMq__Password=s3cr\n"
        "RabbitMq__VirtualHost=app\n",
        "redis redis cache:6379 - -\nrabbitmq rabbitmq mq:5672 app app*",
    ),
    "codeigniter": (
        "CI_ENVIRONMENT = production\ndatabase.default.hostname = localhost\ndatabase.default.database = ci4\n"
        "database.default.username = root\ndatabase.default.password = s3cr\ndatabase.default.DBDriver = MySQLi\n",
        "database mysql localhost:3306 ci4 root*",
    ),
    "symfony_pdo": (
        "APP_ENV=dev\nDB_DSN=mysql:host=db;dbname=app\nDB_USER=app\nDB_PASSWORD=s3cr\n",
        "db mysql db:3306 app app*",
    ),
    "go_addr": (
        "REDIS_ADDR=cache:6379\nREDIS_PASSWORD=s3cr\nRABBITMQ_URL=mq:5672\nMEMCACHED_ADDR=mem:11212\n",
        "redis redis cache:6379 - -*\nrabbitmq rabbitmq mq:5672 - -\nmemcached memcached mem:11212 - -",
    ),
    "microservices": (
        "ORDERS_DB_HOST=orders-db\nORDERS_DB_PORT=5432\nORDERS_DB_NAME=orders\nORDERS_DB_USER=o\nORDERS_DB_PASSWORD=s3cr\n"
        "USERS_DB_HOST=users-db\nUSERS_DB_PORT=3306\nUSERS_DB_NAME=users\nAMQP_HOST=mq\n",
        "orders_db postgres orders-db:5432 orders o*\nusers_db mysql users-db:3306 users -\namqp rabbitmq mq:5672 - -",
    ),
    "numbered": (
        "DB1_HOST=a\nDB1_TYPE=mysql\nDB2_HOST=b\nDB2_TYPE=pgsql\nREDIS_CACHE_HOST=c\nREDIS_QUEUE_HOST=q\nREDIS_PORT=6390\n",
        "db1 mysql a:3306 - -\ndb2 postgres b:5432 - -\nredis_cache redis c:6390 - -\nredis_queue redis q:6390 - -",
    ),
    "broker_queue": (
        "MQ_HOST=rabbitmq\nMQ_USER=app\nMQ_PASS=s3cr\nMQ_VHOST=shop\nCACHE_HOST=cache\nCACHE_DRIVER=memcached\n",
        "mq rabbitmq rabbitmq:5672 shop app*\ncache memcached cache:11211 - -",
    ),
    "url_and_parts": (
        "DB_HOST=db\nDB_PORT=5432\nDB_USER=u\nDB_NAME=app\nDATABASE_URL=postgres://u:s3cr@db:5432/app\n"
        "REDIS_HOST=cache\nCACHE_URL=redis://cache/1\n",
        "database postgres db:5432 app u*\ncache redis cache:6379 1 -",
    ),
    "references": (
        "STACK=shop\nDB_CONNECTION=pgsql\nDB_HOST=${STACK}-db\nDB_DATABASE=${STACK}\nDB_USERNAME=${STACK}\n",
        "database postgres shop-db:5432 shop shop",
    ),
}
