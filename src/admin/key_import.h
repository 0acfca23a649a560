// `key import` on the side of the store: a piece of rows becomes keys in one transaction. What is
// there already is counted and left as it is, so that the same file can be imported again to go on
// where it stopped. Control thread.
#pragma once

#include "admin/verbs.h"

namespace sallyport::admin {

ActionInfo key_import_action();

}  // namespace sallyport::admin
