package io.kubeshark.dissect.redis;

/** What must be known of commands to read their replies. */
final class RedisCommands {
  private RedisCommands() {}

  enum Kind {
    /** Its reply is never an aggregate. */
    SCALAR, SUBSCRIPTION, MONITOR, OTHER
  }

  private static final String[] SCALAR = {"APPEND", "AUTH", "BITCOUNT", "DBSIZE", "DECR", "DECRBY", "DEL", "ECHO",
    "EXISTS", "EXPIRE", "EXPIREAT", "FLUSHALL", "FLUSHDB", "GET", "GETDEL", "GETEX", "GETRANGE", "GETSET", "HDEL", "HEXISTS", "HGET",
    "HINCRBY", "HLEN", "HMSET", "HSET", "HSETNX", "HSTRLEN", "INCR", "INCRBY", "INCRBYFLOAT", "INFO", "LINDEX", "LINSERT", "LLEN", "LPUSH",
    "LPUSHX", "LREM", "LSET", "LTRIM", "MSET", "MSETNX", "PERSIST", "PEXPIRE", "PEXPIREAT", "PFADD", "PFCOUNT", "PING", "PSETEX", "PTTL",
    "PUBLISH", "QUIT", "RENAME", "RENAMENX", "RPUSH", "RPUSHX", "SADD", "SCARD", "SELECT", "SET", "SETBIT", "SETEX", "SETNX", "SETRANGE",
    "SISMEMBER", "SMOVE", "SREM", "STRLEN", "SUBSTR", "TOUCH", "TTL", "TYPE", "UNLINK", "XACK", "XADD", "XLEN", "ZADD", "ZCARD", "ZCOUNT",
    "ZINCRBY", "ZRANK", "ZREM", "ZREVRANK", "ZSCORE"};

  /** All that Redis 7 lists (COMMAND LIST), and what it answers besides. Those of modules have a dot in their name. */
  private static final String[] KNOWN = """
      ACL APPEND ASKING AUTH BGREWRITEAOF BGSAVE BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP
      BZPOPMAX BZPOPMIN CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DEBUG DECR DECRBY DEL DISCARD DUMP ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO EXEC
      EXISTS EXPIRE EXPIREAT EXPIRETIME FAILOVER FCALL FCALL_RO FLUSHALL FLUSHDB FUNCTION GEOADD GEODIST GEOHASH GEOPOS GEORADIUS
      GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HELLO HEXISTS
      HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HRANDFIELD HSCAN HSET HSETNX HSTRLEN HVALS INCR INCRBY INCRBYFLOAT INFO KEYS
      LASTSAVE LATENCY LCS LINDEX LINSERT LLEN LMOVE LMPOP LOLWUT LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MEMORY MGET MIGRATE MODULE
      MONITOR MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT PFDEBUG PFMERGE PFSELFTEST PING PSETEX
      PSUBSCRIBE PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY READWRITE RENAME RENAMENX REPLCONF REPLICAOF RESET RESTORE
      RESTORE-ASKING ROLE RPOP RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD SCRIPT SDIFF SDIFFSTORE SELECT SENTINEL SET SETBIT SETEX SETNX
      SETRANGE SHUTDOWN SINTER SINTERCARD SINTERSTORE SISMEMBER SLAVEOF SLOWLOG SMEMBERS SMISMEMBER SMOVE SORT SORT_RO SPOP SPUBLISH
      SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUBSTR SUNION SUNIONSTORE SUNSUBSCRIBE SWAPDB SYNC TIME TOUCH TTL TYPE UNLINK
      UNSUBSCRIBE UNWATCH WAIT WATCH XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XINFO XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE XSETID
      XTRIM ZADD ZCARD ZCOUNT ZDIFF ZDIFFSTORE ZINCRBY ZINTER ZINTERCARD ZINTERSTORE ZLEXCOUNT ZMPOP ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER
      ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX
      ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE
      """.trim().split("\\s+");

  static {
    java.util.Arrays.sort(KNOWN);
  }

  /** Whether this is the name of a command, in either case. */
  static boolean isKnown(byte[] array, int offset, int length) {
    byte[] name = new byte[length];
    boolean module = false;
    for (int i = 0; i < length; i++) {
      byte each = array[offset + i];
      name[i] = each >= 'a' && each <= 'z' ? (byte) (each - 32) : each;
      module |= i > 0 && each == '.';
    }
    return module || find(KNOWN, name, length);
  }

  /** @param name in upper case */
  static Kind kind(byte[] name, int length) {
    if (length >= 9 && compare(name, length - 9, 9, "SUBSCRIBE") == 0) return Kind.SUBSCRIPTION;
    if (compare(name, 0, length, "MONITOR") == 0) return Kind.MONITOR;
    return find(SCALAR, name, length) ? Kind.SCALAR : Kind.OTHER;
  }

  private static boolean find(String[] sorted, byte[] name, int length) {
    int low = 0;
    int high = sorted.length - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      int order = compare(name, 0, length, sorted[middle]);
      if (order == 0) return true;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return false;
  }

  private static int compare(byte[] name, int offset, int length, String other) {
    for (int i = 0; i < Math.min(length, other.length()); i++) {
      int difference = name[offset + i] - other.charAt(i);
      if (difference != 0) return difference;
    }
    return length - other.length();
  }
}
