# Run by bed.rs inside fresh namespaces: makes the world that a case is recorded in, then becomes the given program.
#   $1  an empty folder to build the new root on
#   $2  who the server runs as: "root" (drops to www-data by itself) or "user" (a user namespace of its own)
#   $3… the program and its arguments, as seen from inside (the old root is at /.host)
set -eu
root=$1 as=$2
shift 2

# Every address is ours, so that any client can be played and any address listened on.
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo

mount --make-rprivate /
mount -t tmpfs -o mode=755 bed "$root"
cd "$root"
for part in usr bin sbin lib lib32 lib64; do
  if [ -L "/$part" ]; then
    cp -P "/$part" "$part"
  elif [ -d "/$part" ]; then
    mkdir "$part"
    mount --rbind "/$part" "$part"
  fi
done
mkdir dev proc etc tmp run var var/bed .host
: >.bed
chmod 1777 tmp
mount --rbind /dev dev
mount -t proc proc proc

# The only names there are, both ways.
cat >etc/hosts <<'NAMES'
10.1.2.3 ws1.corp.example
10.1.2.4 ws2.corp.example
198.51.100.66 crawler.evil.example
203.0.113.9 client.partner.example
203.0.113.10 notpartner.example
2001:db8:1::77 v6host.corp.example
192.0.2.10 www.example.com
192.0.2.20 photos.example.com
127.0.0.1 localhost
::1 localhost
NAMES
printf 'hosts: files\npasswd: files\ngroup: files\n' >etc/nsswitch.conf
printf 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nwww-data:x:33:\n' >etc/group
printf 'text/html html htm\ntext/plain txt\ntext/css css\nimage/jpeg jpg jpeg\nimage/png png\ntext/x-sh sh\n' >etc/mime.types
[ -e /etc/ld.so.cache ] && cp /etc/ld.so.cache etc/
echo 1 >proc/sys/net/ipv6/ip_nonlocal_bind
[ "$as" = root ] || echo 0 >proc/sys/net/ipv4/ip_unprivileged_port_start

pivot_root . .host
cd /
exec "$@"
