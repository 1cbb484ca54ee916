/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The annotations of the source code annotation language (SAL), which tell an analyzer of
 * Microsoft how an argument is used. To a compiler they are nothing.
 */
#ifndef PORTRES_WIN32_SAL_H
#define PORTRES_WIN32_SAL_H

#define _Always_
#define _Analysis_noreturn_
#define _COM_Outptr_
#define _COM_Outptr_opt_
#define _COM_Outptr_result_maybenull_
#define _Callback_
#define _Check_return_
#define _Const_
#define _Deref_
#define _Deref_opt_out_
#define _Deref_opt_out_opt_
#define _Deref_out_
#define _Deref_out_opt_
#define _Deref_out_z_
#define _Deref_post_valid_
#define _Deref_pre_valid_
#define _Deref_prepost_z_
#define _Enum_is_bitflag_
#define _Field_notnull_
#define _Field_z_
#define _Format_string_
#define _In_
#define _In_opt_
#define _In_opt_z_
#define _In_z_
#define _Inout_
#define _Inout_opt_
#define _Inout_opt_z_
#define _Inout_z_
#define _Interlocked_operand_
#define _Literal_
#define _Maybe_raises_SEH_exception_
#define _Maybenull_
#define _Must_inspect_result_
#define _No_competing_thread_
#define _Notliteral_
#define _Notnull_
#define _Notref_
#define _Notvalid_
#define _NullNull_terminated_
#define _Null_
#define _Null_terminated_
#define _Out_
#define _Out_opt_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_opt_result_maybenull_
#define _Outptr_opt_result_nullonfailure_
#define _Outptr_opt_result_z_
#define _Outptr_result_maybenull_
#define _Outptr_result_nullonfailure_
#define _Outptr_result_z_
#define _Outref_
#define _Outref_result_maybenull_
#define _Points_to_data_
#define _Post_
#define _Post_invalid_
#define _Post_maybenull_
#define _Post_notnull_
#define _Post_null_
#define _Post_ptr_invalid_
#define _Post_valid_
#define _Post_z_
#define _Pre_
#define _Pre_invalid_
#define _Pre_maybenull_
#define _Pre_notnull_
#define _Pre_null_
#define _Pre_opt_valid_
#define _Pre_unknown_
#define _Pre_valid_
#define _Pre_z_
#define _Prepost_opt_valid_
#define _Prepost_valid_
#define _Prepost_z_
#define _Printf_format_string_
#define _Raises_SEH_exception_
#define _Reserved_
#define _Result_nullonfailure_
#define _Result_zeroonfailure_
#define _Ret_
#define _Ret_maybenull_
#define _Ret_maybenull_z_
#define _Ret_notnull_
#define _Ret_null_
#define _Ret_valid_
#define _Ret_z_
#define _Scanf_format_string_
#define _Scanf_s_format_string_
#define _Strict_type_match_
#define _Use_decl_annotations_
#define _Valid_

#define _Acquires_exclusive_lock_(what)
#define _Acquires_lock_(what)
#define _Acquires_shared_lock_(what)
#define _Analysis_assume_(what)
#define _Analysis_assume_nullterminated_(what)
#define _Field_size_(what)
#define _Field_size_bytes_(what)
#define _Field_size_bytes_full_(what)
#define _Field_size_bytes_opt_(what)
#define _Field_size_full_(what)
#define _Field_size_opt_(what)
#define _Function_class_(what)
#define _Group_(what)
#define _Guarded_by_(what)
#define _Has_lock_kind_(what)
#define _IRQL_requires_(what)
#define _IRQL_requires_max_(what)
#define _IRQL_requires_min_(what)
#define _In_bytecount_(what)
#define _In_count_(what)
#define _In_opt_bytecount_(what)
#define _In_opt_count_(what)
#define _In_reads_(what)
#define _In_reads_bytes_(what)
#define _In_reads_bytes_opt_(what)
#define _In_reads_opt_(what)
#define _In_reads_opt_z_(what)
#define _In_reads_or_z_(what)
#define _In_reads_or_z_opt_(what)
#define _In_reads_to_ptr_(what)
#define _In_reads_to_ptr_opt_(what)
#define _In_reads_z_(what)
#define _Inout_bytecount_(what)
#define _Inout_cap_(what)
#define _Inout_updates_(what)
#define _Inout_updates_all_(what)
#define _Inout_updates_all_opt_(what)
#define _Inout_updates_bytes_(what)
#define _Inout_updates_bytes_all_(what)
#define _Inout_updates_bytes_all_opt_(what)
#define _Inout_updates_bytes_opt_(what)
#define _Inout_updates_opt_(what)
#define _Inout_updates_opt_z_(what)
#define _Inout_updates_z_(what)
#define _On_failure_(what)
#define _Out_bytecap_(what)
#define _Out_cap_(what)
#define _Out_opt_bytecap_(what)
#define _Out_opt_cap_(what)
#define _Out_writes_(what)
#define _Out_writes_all_(what)
#define _Out_writes_all_opt_(what)
#define _Out_writes_bytes_(what)
#define _Out_writes_bytes_all_(what)
#define _Out_writes_bytes_all_opt_(what)
#define _Out_writes_bytes_opt_(what)
#define _Out_writes_opt_(what)
#define _Out_writes_opt_z_(what)
#define _Out_writes_to_ptr_(what)
#define _Out_writes_to_ptr_opt_(what)
#define _Out_writes_z_(what)
#define _Out_z_cap_(what)
#define _Outptr_opt_result_buffer_(what)
#define _Outptr_opt_result_bytebuffer_(what)
#define _Outptr_result_buffer_(what)
#define _Outptr_result_buffer_maybenull_(what)
#define _Outptr_result_bytebuffer_(what)
#define _Outptr_result_bytebuffer_maybenull_(what)
#define _Outref_result_buffer_(what)
#define _Outref_result_bytebuffer_(what)
#define _Post_readable_byte_size_(what)
#define _Post_readable_size_(what)
#define _Post_satisfies_(what)
#define _Post_writable_byte_size_(what)
#define _Post_writable_size_(what)
#define _Pre_readable_byte_size_(what)
#define _Pre_readable_size_(what)
#define _Pre_satisfies_(what)
#define _Pre_writable_byte_size_(what)
#define _Pre_writable_size_(what)
#define _Readable_bytes_(what)
#define _Readable_elements_(what)
#define _Releases_exclusive_lock_(what)
#define _Releases_lock_(what)
#define _Releases_shared_lock_(what)
#define _Requires_lock_held_(what)
#define _Requires_lock_not_held_(what)
#define _Ret_writes_(what)
#define _Ret_writes_bytes_(what)
#define _Ret_writes_bytes_maybenull_(what)
#define _Ret_writes_maybenull_(what)
#define _Ret_writes_z_(what)
#define _Return_type_success_(what)
#define _Satisfies_(what)
#define _Struct_size_bytes_(what)
#define _Success_(what)
#define _Writable_bytes_(what)
#define _Writable_elements_(what)
#define _Write_guarded_by_(what)

#define _At_(one, two)
#define _Deref_in_range_(one, two)
#define _Deref_out_range_(one, two)
#define _Field_range_(one, two)
#define _Field_size_bytes_part_(one, two)
#define _Field_size_part_(one, two)
#define _Field_size_part_opt_(one, two)
#define _In_range_(one, two)
#define _Inout_updates_bytes_to_(one, two)
#define _Inout_updates_bytes_to_opt_(one, two)
#define _Inout_updates_to_(one, two)
#define _Inout_updates_to_opt_(one, two)
#define _Out_range_(one, two)
#define _Out_writes_bytes_to_(one, two)
#define _Out_writes_bytes_to_opt_(one, two)
#define _Out_writes_to_(one, two)
#define _Out_writes_to_opt_(one, two)
#define _Outptr_result_buffer_to_(one, two)
#define _Outptr_result_bytebuffer_to_(one, two)
#define _Ret_range_(one, two)
#define _Ret_writes_bytes_to_(one, two)
#define _Ret_writes_to_(one, two)
#define _When_(one, two)

#endif /* PORTRES_WIN32_SAL_H */
