#!/usr/bin/env bash
# Makes repositories from the packages in a folder, for apt and for dnf and zypper: DIR/repository/apt and rpm, which
# any web server can serve unchanged.
#
#   cmd/internal/dev/dist/repository.sh DIR [KEY]
#
# With KEY, the name of a gpg key, the indexes are signed and the public key is put beside them. The same packages
# always give the same files: their date is SOURCE_DATE_EPOCH.
set -euo pipefail
cd "${1:?a folder with packages}"
key=${2:-}
date=${SOURCE_DATE_EPOCH:?the date of the files}

for tool in apt-ftparchive createrepo_c; do
	command -v $tool >/dev/null || {
		echo "repository.sh: no $tool here; run make deps, or install it" >&2
		exit 1
	}
done
rm -rf repository
mkdir -p repository/apt/pool repository/rpm
cp ./*.deb repository/apt/pool
cp ./*.rpm repository/rpm

cd repository/apt
for arch in amd64 arm64; do
	dir=dists/stable/main/binary-$arch
	mkdir -p "$dir"
	apt-ftparchive --arch $arch packages pool >"$dir/Packages"
	gzip -9nk "$dir/Packages"
done
apt-ftparchive -o APT::FTPArchive::Release::Origin=toshy -o APT::FTPArchive::Release::Label=toshy \
	-o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable \
	-o APT::FTPArchive::Release::Architectures="amd64 arm64" -o APT::FTPArchive::Release::Components=main \
	release dists/stable |
	sed "s/^Date: .*/Date: $(LC_ALL=C TZ=UTC date -d "@$date" '+%a, %d %b %Y %H:%M:%S UTC')/" >"$OLDPWD/Release"
mv "$OLDPWD/Release" dists/stable/Release

cd ../rpm
touch -d "@$date" ./*.rpm
createrepo_c --quiet --revision "$date" --set-timestamp-to-revision --no-database --compress-type gz .
if [ -n "$key" ]; then
	gpg --batch --yes --local-user "$key" --detach-sign --armor repodata/repomd.xml
	cd ../apt
	gpg --batch --yes --local-user "$key" --clearsign --output dists/stable/InRelease dists/stable/Release
	gpg --batch --yes --local-user "$key" --detach-sign --armor --output dists/stable/Release.gpg dists/stable/Release
	gpg --batch --yes --armor --export "$key" >../toshy.asc
fi
