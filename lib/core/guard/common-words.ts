/** Words of eight letters and more that logs are full of: a value that is one of them hides nothing, and to mask it would make logs unreadable. */
const WORDS = `
absolute accepted accessed activated activity additional administrator alternate anonymous application applications
arguments artifact assertion attribute authentication authenticated authorization authorized available background
bandwidth bootstrap boundary calculated callback canceled cancelled capacity category certificate channels character
checking children classpath collection commands completed complete component components compress computed condition
configuration configured conflict connected connecting connection connections consumer container containers continue
controller correlation creating credential credentials critical currency customer customers dashboard database
databases datacenter datasource deadline debugging defaults delivered delivery dependencies dependency deployment
deprecated description destination detected developer development directory disabled disconnected discovery dispatch
distributed document documents download duplicate duration elements employee encoding encrypted endpoint endpoints
entities environment evaluation exception exceptions exchange executed executing execution expected expiration
explicit external failover features fetching filename finished firewall forbidden formatted forwarded framework
frequency frontend function functions generated generator graceful handlers hardware healthcheck hostname identifier
identity implementation incoming increment information initialize initialized initializing injection inserted instance
instances integration interface internal interval inventory iteration javascript keyspace language listener listening
location localhost localhost.localdomain lifecycle management measured mechanism memcached messages metadata
microservice middleware migration migrations modified monitoring mountpoint multiple namespace navigation notfound
notification notifications operation operations optional organization original outgoing overflow override packages
parameter parameters partition password passwords payments performance permission permissions persistent physical
pipeline platform position postgres postgresql precision preferences prefixed previous printing priority privilege
processed processes processing processor producer production products progress projects properties property protected
protocol provider providers provisioned publisher publishing quantity readiness readonly received receiver recovery
recursive redirect reference refreshed register registered registration registry rejected relation released reliable
remaining rendered rendering replicas replication reporting repository requested requests required requires reserved
resolved resolver resource resources response responses restarted restored resultset retention retrying returned
revision rollback rotation scheduled scheduler secondary security selected selector sequence serialization serialized
serverless services sessions settings severity shutdown signature snapshot software solution specification standard
starting statement statistics strategy streaming structure submitted subscribe subscriber subscription succeeded
successful successfully supported suspended synchronized template temporary terminated terminating threshold throttled
throughput timestamp timezone transaction transactions transfer transform transport truncated typescript unauthorized
unavailable undefined unexpected unhealthy universal unreachable unsupported uploaded upstream utilization validate
validated validation validator variable versions warnings websocket workflow workspace us-east-1 us-east-2 us-west-1
us-west-2 eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-south-1 eu-central-1 eu-central-2 ap-south-1 ap-east-1
ap-southeast-1 ap-southeast-2 ap-northeast-1 ap-northeast-2 ca-central-1 sa-east-1 me-south-1 af-south-1 us-gov-west-1
us-central1 us-east1 us-west1 europe-west1 europe-west2 europe-west3 europe-west4 asia-east1 asia-south1
australia-southeast1 westeurope northeurope centralus southeastasia germanywestcentral application/json text/plain
text/html 127.0.0.1 localhost:5432 localhost:3306 localhost:6379 127.0.0.1:5432 postgres:5432
`;

let words: ReadonlySet<string> | undefined;

/** True for a word that ordinary text is full of, whatever its case. */
export const isCommonWord = (value: string): boolean =>
  (words ??= new Set(WORDS.trim().split(/\s+/))).has(value.trim().toLowerCase());
